// What becomes of a bid that a role calls bad (kernel/proofs/contest.py): cured by its bidder, else dropped.
import { byCodePoint } from "../box/canonical.js";
import { ROLES } from "../box/setup.js";

/** How long a bidder has, from the last attestation that calls an envelope of his bad, to prove it well made. */
export const CURE_MINUTES = 30;

/** What stands contested as {bid, role, kids}; a holder who finds every envelope well made ends it for his role. */
export function contests(attests) {
  const fine = attests.filter((attest) => attest.verdicts.every(({ ok }) => ok)).map((attest) => attest.role);
  const bad = new Map();
  for (const { role, kid, verdicts } of attests.filter((attest) => !fine.includes(attest.role))) {
    for (const { bid } of verdicts.filter(({ ok }) => !ok)) {
      const place = `${role} ${bid}`;
      bad.set(place, { role, bid, kids: [...(bad.get(place)?.kids ?? []), kid] });
    }
  }
  const turn = ({ role }) => ROLES.indexOf(role);
  return [...bad.values()].sort((a, b) => turn(a) - turn(b) || byCodePoint(a.bid, b.bid));
}

/** One ruling a contest; `cured(bid, role)` and `shownBad(bid, kid)` tell what bidder and auditor have shown. */
export function rulings(contested, cured, shownBad) {
  return contested.map((one) => {
    const proved = one.kids.every((kid) => shownBad(one.bid, kid));
    return { ...one, outcome: cured(one.bid, one.role) ? "cured" : proved ? "proved" : "unproved" };
  });
}

/** Map bid → the ruling that keeps it shut; what one role has proved goes before what another only says. */
export function dropped(found) {
  const shut = new Map();
  for (const outcome of ["proved", "unproved"]) {
    for (const ruling of found.filter((one) => one.outcome === outcome)) {
      if (!shut.has(ruling.bid)) shut.set(ruling.bid, ruling);
    }
  }
  return shut;
}
