// What axe judges a page by: for each part of it what stands there and how it is painted, and where that lies.
() => {
  // None of these is read by a rule: what a field holds, where a form goes, what a script keeps for itself.
  const UNREAD = /^(data-|value$|datetime$|action$|src$|srcset$|download$|d$|points$|content$)/;
  const NUMBERS = /[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|\d{4,}/gi;
  const SMALLEST = 6;
  const parts = [];
  const elements = [];
  const painted = new Set();

  // Two sums of 32 bits: a part taken for another one would only go without a second look.
  const digest = (text) => {
    let [one, two] = [0x811c9dc5, 0x1000193];
    for (let n = 0; n < text.length; n++) {
      one = Math.imul(one ^ text.charCodeAt(n), 0x01000193);
      two = Math.imul(two + text.charCodeAt(n), 0x85ebca6b) ^ (two >>> 13);
    }
    return `${(one >>> 0).toString(36)}.${(two >>> 0).toString(36)}`;
  };

  const attribute = ({ name, value }) => {
    if (UNREAD.test(name)) return "";
    if (name === "href" && !value.startsWith("#")) return name;
    return `${name}=${value.replace(NUMBERS, "#")}`;
  };

  // Rules that compare words with a name look at these; the others only whether something is written.
  const written = (element) => {
    const named = element.hasAttribute("aria-label") || element.hasAttribute("aria-labelledby");
    if (named || element.querySelector(":scope > img")) return element.textContent;
    let most = 0;
    for (const { nodeType, data } of element.childNodes) {
      if (nodeType === Node.TEXT_NODE) most = Math.max(most, Math.min(2, data.trim().length));
    }
    return most;
  };

  const paint = (element) => {
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    return [style.color, style.backgroundColor, style.backgroundImage, style.opacity, style.position,
      style.textDecorationLine, style.textShadow, large];
  };

  const walk = (element, shown, context) => {
    const visible = shown && element.checkVisibility({ visibilityProperty: true });
    const means = [element.localName, Array.from(element.attributes, attribute).sort(), written(element)].join("|");
    const said = `${means}|${visible ? paint(element) : "unseen"}`;
    const at = parts.push(null) - 1;
    elements.push(element);
    const box = element.getBoundingClientRect();
    const lies = [Math.round(box.width), Math.round(box.height), visible && getComputedStyle(element).overflow];
    const within = digest(`${context}>${said}`);
    painted.add(within);
    const meant = [];
    const stands = [];
    let size = 1;
    for (const child of element.children) {
      const found = walk(child, visible, within);
      size += found.size;
      if (stands.at(-1) !== found.stands) stands.push(found.stands); // ten rows that are alike are as good as one
      if (meant.at(-1) !== found.meant) meant.push(found.meant);
      lies.push(Math.round(found.box.x - box.x), Math.round(found.box.y - box.y), found.lies);
    }
    const whole = { meant: digest(`${means}(${meant})`), stands: digest(`${said}(${stands})`), size, box };
    whole.lies = digest(lies.join());
    const key = digest(`${context}/${whole.stands}`);
    parts[at] = size < SMALLEST ? null : [at, key, digest(`${key}@${whole.lies}`)];
    return whole;
  };

  const { meant } = walk(document.documentElement, true, "");
  globalThis.partsLookedAt = elements;
  return {
    wider: document.documentElement.scrollWidth - innerWidth,
    parts: parts.filter(Boolean),
    meant,
    painted: [...painted],
    axe: typeof axe !== "undefined" || typeof putAxe !== "undefined",
  };
}
