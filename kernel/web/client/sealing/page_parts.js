// What the sealing page is made of: its parts as the server wrote them, the lot as the platform hands it out.

/** The page's parts and what the server wrote into it. */
export function parts(root) {
  const at = (name) => root.querySelector(`[data-${name}]`);
  const step = (name) => root.querySelector(`[data-step="${name}"]`);
  const stages = JSON.parse(root.dataset.stages);
  const steps = [...root.querySelectorAll("[data-step]")];
  const stepsBefore = (name) => steps.slice(0, steps.indexOf(step(name)));
  return {
    root, at, step, stepsBefore, stages,
    target: { box: root.dataset.box, bidder: root.dataset.bidder, worker: root.dataset.worker },
    priced: stages.find((stage) => stage.public),
    papered: stages.filter((stage) => !stage.public),
    limits: JSON.parse(root.dataset.limits),
    deadline: Date.parse(root.dataset.deadline),
  };
}

/** The lot to seal for: its exact bytes, and what they tell. */
export async function fetchKit(box) {
  const answer = await fetch(`/api/v1/lots/${box}/sealing`, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error("没有取到标段设定，请刷新页面");
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { bytes, told: JSON.parse(new TextDecoder().decode(bytes)) };
}

/** A step that is left out leaves no gap in the numbers; the last two are still to come. */
export function numberSteps(page) {
  const shown = [...page.stepsBefore("keep").filter((step) => !step.hidden), page.step("keep"), page.step("send")];
  shown.forEach((step, n) => { step.querySelector("[data-number]").textContent = "一二三四五六七"[n]; });
}
