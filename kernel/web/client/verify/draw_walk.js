// The walk down a drawn order (draw D5): who is called, who is skipped and why, who is seated.
import { byCodePoint } from "../box/canonical.js";
import { Malformed } from "../box/errors.js";

export const ACCEPT = "accept";
export const SKIPS = ["declined", "no_answer", "avoidance", "employer_cap", "odd_panel", "withdrawn"];

/** Replays outcomes (Map leaf number → outcome) of one stratum: {seated, skipped: Map, next}; `next` null when done. */
export function walk(order, quota, outcomes) {
  const asked = order.slice(0, outcomes.size);
  if (asked.length !== outcomes.size || !asked.every((n) => outcomes.has(n))) {
    throw new Malformed("out_of_turn", "有人被跳过而无记录，或不在次序之内就被询问");
  }
  const unknown = [...outcomes.values()].filter((what) => what !== ACCEPT && !SKIPS.includes(what)).sort(byCodePoint);
  if (unknown.length) throw new Malformed("outcome_unknown", `不认识的结果 ${unknown[0].slice(0, 40)}`);
  const accepted = asked.filter((n) => outcomes.get(n) === ACCEPT);
  const open = asked.length < order.length && accepted.length < quota;
  const skipped = new Map(asked.filter((n) => outcomes.get(n) !== ACCEPT).map((n) => [n, outcomes.get(n)]));
  return { seated: accepted.slice(0, quota), skipped, next: open ? order[asked.length] : null };
}

/** Where the cap of one employer's seats was not kept: [stratum, leaf number, code]; walks and employers by stratum. */
export function capBreaches(walks, employers, most) {
  const [seated, ever, breaches] = [new Map(), new Map(), []];
  const count = (counter, employer) => counter.set(employer, (counter.get(employer) ?? 0) + 1).get(employer);
  for (const [stratum, steps] of walks) {
    const of = employers.get(stratum);
    for (const n of steps.seated) {
      if (count(seated, of[n]) > most && of[n]) breaches.push([stratum, n, "employer_cap_exceeded"]);
    }
    for (const n of [...steps.seated, ...skippedFor(steps, "withdrawn")]) count(ever, of[n]);
  }
  for (const [stratum, steps] of walks) {
    for (const n of skippedFor(steps, "employer_cap")) {
      const employer = employers.get(stratum)[n];
      if (!employer || (ever.get(employer) ?? 0) < most) breaches.push([stratum, n, "employer_cap_unfounded"]);
    }
  }
  return breaches;
}

const skippedFor = (steps, reason) => [...steps.skipped].filter(([, given]) => given === reason).map(([n]) => n);
