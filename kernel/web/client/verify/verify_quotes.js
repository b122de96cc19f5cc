// The published quotes of a request: what the opened seeds give, and who is shut out by the notice's limits.
import { Malformed } from "../box/errors.js";
import { money } from "./case_file.js";
import { isSpoilt, onTrust } from "./damage.js";
import { Decimal } from "./decimal.js";
import { placeOf, within } from "./dossier.js";
import { bidOf } from "./opening_events.js";
import { optional } from "./strict.js";
import { openedIndex } from "./verify_record.js";

/** The published quotes are those that the opened seeds give; who is shut out is beyond the notice's limits. */
export async function checkQuotes(dossier) {
  if (!dossier.request.quotes || !dossier.acts("publish_quotes").length) return "";
  const [name, text] = await textOf(dossier, "opening");
  return within(name, async () => {
    const shown = new Map(text.quotes.map((line) => [line.sha256, line]));
    if ([...shown.keys()].some((sha256) => !dossier.close.bids.includes(sha256))) {
      throw new Malformed("quote_unknown", "公布了截止名单以外的报价", "quotes");
    }
    for (const [sha256, line] of shown) await checkQuote(dossier, sha256, line);
    return `公布的 ${shown.size} 份报价与解密结果一致`;
  });
}

/** Map agency → the price of its quote that stands. */
export async function pricesOf(dossier) {
  const [, text] = await textOf(dossier, "opening");
  return new Map(text.quotes.flatMap((line) => (line.shut ? [] : [[line.code, line.price]])));
}

async function checkQuote(dossier, sha256, line) {
  const said = amount(line.price);
  const found = await priceOf(dossier, sha256);
  if (found === "lost") dossier.notes.push(onTrust(line.code));
  const price = found === "lost" ? said : found;
  if (bidOf(dossier, sha256).bidder !== line.code || (price && !(said && price.compare(said) === 0))) {
    throw new Malformed("quote_differs", "公布的报价与解密结果不同", line.code);
  }
  const stands = Boolean(price) && price.compare(0) > 0 && withinLimits(dossier.request, price);
  if (stands === Boolean(line.shut)) {
    throw new Malformed("quote_misjudged", "报价有效与否与公告的限价不符", line.code);
  }
}

function withinLimits(request, price) {
  const [lowest, highest] = [money(request.lowest, "lowest"), money(request.highest, "highest")];
  return (!lowest || price.compare(lowest) >= 0) && (!highest || price.compare(highest) <= 0);
}

/**
 * What the sealed quote says once it is opened; null where it was not opened or says no amount, "lost" where its index
 * was lost after the opening.
 */
async function priceOf(dossier, sha256) {
  if (!dossier.secrets.has(placeOf(sha256, "price")) || isSpoilt(dossier, sha256, "price")) return null;
  const index = await openedIndex(dossier, sha256, "price");
  if (index === "lost") return "lost";
  return index ? amount(String(optional(index.form, "price", ""))) : null;
}

/** An amount as people type it; null for what is none. */
function amount(text) {
  try {
    return text ? Decimal.of(text.trim().replaceAll(",", "")) : null;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

async function textOf(dossier, kind) {
  for (const name of dossier.under("notices")) {
    const text = await dossier.paper(name);
    if (text.kind === kind) return [name, text.content];
  }
  throw new Malformed("text_missing", "包内缺少这份公告", kind);
}
