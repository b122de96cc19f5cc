// After the opening: orders that stopped the case, every paper on record, the award as the papers themselves allow it.
import { sha256Hex } from "../box/bytes.js";
import { decode } from "../box/canonical.js";
import { verify } from "../box/dsse.js";
import { BadSignature, Malformed } from "../box/errors.js";
import { Decimal } from "./decimal.js";
import { within } from "./dossier.js";
import { instant } from "./moment.js";
import { optional, same, strict } from "./strict.js";

const KINDS = ["award", "contract", "confirmation", "refund", "statement", "suspension", "resumption", "package"];
const NAME = new RegExp(`^papers/(\\d\\d)-(${KINDS.join("|")})\\.json$`);
export const EVALUATION = "evaluation";

/** Whether the clock of `due` had been stopped by an order before it ran out, and was moved on as that ended. */
export function stoodStill(dossier, moved, due) {
  return dossier.acts("resume_case").some((event) => {
    const stopped = (event.fact("stretches") || []).filter(([since]) => instant(since) < instant(due));
    return event.moment === moved && stopped.length > 0;
  });
}

/** Every suspension rests on an order signed by the regulator's side, of this case, that says the same. */
export async function checkOrders(dossier) {
  const { anchors, manifest } = dossier;
  const officers = [...anchors.officers("regulator", manifest.at).values()].map((officer) => officer.public);
  const keys = [...anchors.processes(manifest.at), ...officers];
  const orders = new Map();
  for (const name of dossier.under("directives")) {
    const order = await within(name, async () => orderIn(dossier, await dossier.signed(name), keys));
    orders.set(order.id, order);
  }
  for (const [name, paper] of await papers(dossier, "suspension")) {
    await within(name, () => {
      const order = orders.get(paper.order);
      if (optional(order, "kind") !== "suspend" || optional(order, "says") !== paper.says) {
        throw new Malformed("no_order", "包内没有与此相同的暂停指令", "order");
      }
    });
  }
  return orders.size ? `${orders.size} 份指令由监督一方签署，案件据此暂停和恢复` : "";
}

/** Papers, evaluation and attachments are the very bytes that events, papers and notices put on record. */
export async function checkPapers(dossier) {
  if (dossier.interim) return "";
  const recorded = new Set(dossier.events.flatMap((event) => Object.values(event.hashes)));
  const names = dossier.under("papers");
  names.forEach((name, i) => {
    const number = NAME.exec(name)?.[1];
    if (Number(number) !== i + 1) throw new Malformed("paper_misplaced", `应为第 ${i + 1} 份后续文件`, name);
  });
  const judged = dossier.under(EVALUATION);
  for (const name of [...names, ...judged]) {
    if (!recorded.has(sha256Hex(await dossier.read(name)))) {
      throw new Malformed("not_on_record", "案件事件中没有记载它的摘要", name);
    }
  }
  const said = dossier.events.filter((event) => KINDS.some((kind) => Object.hasOwn(event.hashes, kind)));
  if (said.length !== names.length) {
    throw new Malformed("papers_differ", `事件记有 ${said.length} 份后续文件，包内有 ${names.length} 份`, "papers");
  }
  const attached = await checkAttached(dossier);
  const found = names.length + judged.length;
  return found ? `${found} 份评标、定标、合同等文件和 ${attached} 个附件与记载相符` : "";
}

/** The winner is a publicised candidate, none better without a reason; the contract says what the award says. */
export async function checkAward(dossier) {
  const found = await papers(dossier, "award");
  if (!found.length) return "";
  const [name, award] = found.at(-1);
  const event = dossier.acts("decide_award").at(-1);
  await within(name, async () => {
    await checkCandidates(dossier, award, event.moment);
    const before = (act) => [...new Set(dossier.acts(act).flatMap((one) => (one.n < event.n ? [one.subject] : [])))];
    if (!same(before("object_result").sort(), before("answer_result").sort())) {
      throw new Malformed("objection_open", "定标时还有异议没有答复");
    }
  });
  const contracts = await papers(dossier, "contract");
  for (const [at, contract] of contracts) await within(at, () => checkContract(award, contract));
  for (const [at, confirmation] of await papers(dossier, "confirmation")) {
    await within(at, async () => {
      const last = sha256Hex(await dossier.read(contracts.at(-1)[0]));
      if (confirmation.contract !== last || confirmation.bidder !== award.bidder) {
        throw new Malformed("other_contract", "中标人确认的不是所备案的合同");
      }
    });
  }
  return `中标人 ${award.name}（排名第 ${award.rank}）${contracts.length ? "，合同与中标结果一致" : ""}`;
}

/** The papers of this kind in order, each with its member's name. */
export function papers(dossier, kind) {
  const names = dossier.under("papers").filter((name) => name.endsWith(`-${kind}.json`));
  return Promise.all(names.map(async (name) => [name, await dossier.paper(name)]));
}

/** The published texts of this kind, in order. */
export async function notices(dossier, kind) {
  const found = await Promise.all(dossier.under("notices").map((name) => dossier.paper(name)));
  return found.filter((text) => optional(text, "kind") === kind);
}

function orderIn(dossier, signed, keys) {
  if (!verify(signed, keys).length) throw new BadSignature("order_unsigned", "指令没有锚点中监督一方的有效签名");
  const order = strict(decode(signed.payload));
  if (order.case !== dossier.case.case) throw new Malformed("other_case", "是另一案件的指令", "case");
  return order;
}

async function checkCandidates(dossier, award, decided) {
  const shown = await notices(dossier, "candidates");
  if (!shown.length) return;
  const { content } = shown.at(-1);
  const ranked = new Map(content.candidates.map((row) => [row.bidder, row]));
  const row = ranked.get(award.bidder);
  if (!row || row.rank !== award.rank || Decimal.of(row.price).compare(award.price) !== 0) {
    throw new Malformed("not_a_candidate", "中标人不在公示的候选人中，或名次、价格与公示不同", "bidder");
  }
  const excused = [...new Set(award.passed_over.map((one) => one.bidder))].sort();
  const better = [...ranked].filter(([, other]) => other.rank < row.rank).map(([bidder]) => bidder).sort();
  if (!same(better, excused)) {
    throw new Malformed("better_ranked", "排名在前的候选人没有中标，也没有写明法定理由", "passed_over");
  }
  if (instant(decided) < instant(publicityEnd(dossier, content.until))) {
    throw new Malformed("too_early", "公示期未满即定标", "at");
  }
}

/** The end of the publicity as last moved by a resumption since it was published. */
function publicityEnd(dossier, until) {
  const shown = dossier.acts("publicise_candidates").at(-1).n;
  const moved = dossier.acts("resume_case").filter((event) => event.n > shown);
  const ends = moved.flatMap((event) => optional(event.fact("moved"), "publicity_until", []));
  return ends.at(-1) ?? until;
}

function checkContract(award, contract) {
  for (const member of ["period_days", "quality"]) {
    if (!same(contract[member], award[member])) throw new Malformed("contract_differs", "与中标结果不同", member);
  }
  if (Decimal.of(contract.price).compare(award.price) !== 0) {
    throw new Malformed("contract_differs", "与中标结果不同", "price");
  }
}

/** Documents are those that notices list, attachments those that papers refer to; size and digest as they say. */
async function checkAttached(dossier) {
  const known = { documents: sizes(await documents(dossier)), attachments: sizes(await filed(dossier)) };
  let count = 0;
  for (const [folder, listed] of Object.entries(known)) {
    for (const name of dossier.under(folder)) {
      const { sha256, size } = dossier.package.get(name);
      if (name !== `${folder}/${sha256}` || listed.get(sha256) !== size) {
        throw new Malformed("not_on_record", "公告或后续文件没有列出它", name);
      }
      dossier.seen.add(name);
      count += 1;
    }
  }
  if (!dossier.public && count !== known.documents.size + known.attachments.size) {
    throw new Malformed("member_missing", "存档包缺少公告或后续文件所列的附件", "documents");
  }
  return count;
}

async function documents(dossier) {
  const found = await Promise.all(dossier.under("notices").map((name) => dossier.paper(name)));
  return found.flatMap((text) => [...optional(text, "documents", [])]);
}

/** Every file that a paper refers to: the contract, and what showed that a better candidate could not win. */
async function filed(dossier) {
  const contracts = (await papers(dossier, "contract")).map(([, paper]) => paper.file);
  const awards = await papers(dossier, "award");
  return [...contracts, ...awards.flatMap(([, paper]) => paper.passed_over.map((one) => one.evidence))];
}

const sizes = (files) => new Map(files.map((file) => [file.sha256, file.size]));
