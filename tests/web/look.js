// What axe finds wrong: with what stands in the page and how it is painted, and with where it lies (the rules that
// measure). Each leaves out the parts (by their numbers) that it has looked at before; null is no look at all.
async ({ rules, measures, stands, lies }) => {
  if (typeof axe === "undefined") putAxe(); // where it lies ready
  const elements = globalThis.partsLookedAt;
  const wrong = [];

  const without = (numbers) => {
    const left = new Set(numbers.map((n) => elements[n]));
    const inside = (element) => element !== null && (left.has(element) || inside(element.parentElement));
    return { exclude: [...left].filter((element) => !inside(element.parentElement)) };
  };

  const run = async (numbers, options) => {
    const context = numbers.length ? without(numbers) : document;
    const found = await axe.run(context, { ...options, resultTypes: ["violations"], preload: false });
    for (const v of found.violations) {
      wrong.push(`${v.impact} ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3)}`);
    }
  };

  const off = Object.fromEntries(measures.map((rule) => [rule, { enabled: false }]));
  if (stands && lies?.length === stands.length) {
    await run(lies, { runOnly: rules });
  } else {
    if (stands) await run(stands, { runOnly: rules, rules: off });
    if (lies) await run(lies, { runOnly: { type: "rule", values: measures } });
  }
  return wrong;
}
