// The browser of synthetic pairs. Data enter the page as text nodes only. Offsets count code points, which are the
// elements of Array.from(text); JavaScript's own string indices count UTF-16 units.

const PAIRS_AT_A_TIME = 50;
const AROUND = 160; // code points shown on either side of the answers before the reader asks for the whole passage
const NEARLY_ALL = 60; // a passage of which less than this would be hidden is shown whole

function make(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// An element of text in a language of the data; `language` is {lang, dir}.
const makeText = (tag, className, language, ...children) =>
  make(tag, { className: `pair-text ${className}`, lang: language.lang, dir: language.dir }, ...children);

// ---- search

// Case and the accents of Latin, Greek and Cyrillic do not matter; the vowel signs of other scripts do.
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

const ownText = (pair) =>
  [pair.id, ...pair.lines.map(([, text]) => text), pair.answer, ...pair.rounds.map(({ answer }) => answer)].join("\n");

// Every word must occur in the pair or in its passage, if it has one. Passages are shared, so each is searched once.
function searcher(pairs, passages) {
  let ownTexts, passageTexts;
  return (query) => {
    const words = fold(query).split(/\s+/).filter(Boolean);
    if (!words.length) return () => true;
    ownTexts ??= new Map(pairs.map((pair) => [pair, fold(ownText(pair))]));
    passageTexts ??= passages.map(fold);
    const hits = words.map((word) => passageTexts.map((text) => text.includes(word)));
    return (pair) => words.every((word, i) => hits[i][pair.passage] || ownTexts.get(pair).includes(word));
  };
}

// ---- filters

const judgementsIn = (pair, round) => pair.rounds.filter((judged) => !round || judged.round === round);

const OUTCOMES = {
  kept: (judged) => judged.some(({ kept }) => kept),
  dropped: (judged) => judged.length > 0 && judged.every(({ kept }) => !kept),
  changed: (judged) => judged.some(({ kept }) => kept) && judged.some(({ kept }) => !kept),
};

function filterer(language, answer, round, outcome) {
  return (pair) => {
    if (language && pair.language !== language) return false;
    if (answer && pair.answer !== answer) return false;
    const judged = judgementsIn(pair, round);
    if (round && !judged.length) return false;
    return !outcome || OUTCOMES[outcome](outcome === "changed" ? pair.rounds : judged);
  };
}

// ---- passages with marked answers

function spansOf(pair, judged) {
  const span = (start, answer, kind) => ({ start, end: start + Array.from(answer).length, kind });
  const spans = [span(pair.start, pair.answer, "generator")];
  if (judged) spans.push(span(judged.start, judged.answer, "labeler"));
  return spans.filter(({ start, end }) => start >= 0 && end > start);
}

// Spans may overlap: the text is cut wherever one begins or ends, and a piece carries the kinds of all that cover it.
function markedPieces(characters, spans, from, to) {
  const inside = spans.flatMap(({ start, end }) => [start, end]).filter((cut) => cut > from && cut < to);
  const cuts = [...new Set([from, ...inside, to])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, i) => {
    const text = characters.slice(cuts[i], end).join("");
    const kinds = spans.filter((span) => span.start <= cuts[i] && end <= span.end).map(({ kind }) => kind);
    const title = `answer of the ${kinds.join(" and of the ")}`;
    return kinds.length ? make("mark", { className: kinds.join(" "), title }, text) : text;
  });
}

// Where the part of a passage around its spans begins and ends, from space to space if there are any.
function excerpt(characters, spans) {
  const first = Math.min(...spans.map(({ start }) => start));
  const last = Math.max(...spans.map(({ end }) => end));
  const hidden = Math.max(0, first - AROUND) + Math.max(0, characters.length - last - AROUND);
  if (!spans.length || hidden < NEARLY_ALL) return [0, characters.length];
  let from = Math.max(0, first - AROUND);
  let to = Math.min(characters.length, last + AROUND);
  const spaceAfter = characters.slice(from, first).findIndex((character) => character.trim() === "");
  const spaceBefore = characters.slice(last, to).findLastIndex((character) => character.trim() === "");
  if (from > 0 && spaceAfter >= 0) from += spaceAfter + 1;
  if (to < characters.length && spaceBefore >= 0) to = last + spaceBefore;
  return [from, to];
}

function passageNode(text, spans, language, whole) {
  const characters = Array.from(text);
  const node = makeText("p", "passage", language);
  const show = (from, to) => {
    const before = from > 0 ? "… " : "";
    const after = to < characters.length ? " …" : "";
    node.replaceChildren(before, ...markedPieces(characters, spans, from, to), after);
  };
  const [from, to] = whole ? [0, characters.length] : excerpt(characters, spans);
  show(from, to);
  if (to - from < characters.length) {
    const more = make("button", { type: "button", lang: "en", dir: "ltr" }, "whole passage");
    more.addEventListener("click", () => show(0, characters.length));
    node.append(" ", more);
  }
  return node;
}

// ---- one pair

function answerRow(term, answer, kind, language, ...said) {
  const text = answer ? makeText(kind ? "mark" : "span", kind, language, answer) : "no answer";
  return make("div", {}, make("dt", {}, term), make("dd", {}, text, ...said));
}

const ruling = ({ kept }) => (kept ? "kept" : "dropped");

function judgedRow(judged, isMarked, language) {
  const verdict = make("span", { className: `verdict ${ruling(judged)}` }, ruling(judged));
  const why = judged.why || `agreement ${judged.agreement.toFixed(2)}`;
  const confidence = `confidence ${judged.confidence.toFixed(2)}`;
  const said = make("span", { className: "judged" }, verdict, `: ${why} · ${confidence}`);
  return answerRow(`labeler, round ${judged.round}`, judged.answer, isMarked ? "labeler" : "", language, said);
}

const NO_LANGUAGE = { lang: "", dir: "auto" }; // of answers that are no part of a passage, such as names of classes

// What is asked of a passage stands above it.
function aboveNodes(pair, shown, passage, language, whole) {
  const lines = pair.lines.map(([, text]) => makeText("p", "asked", language, text));
  return [...lines, passageNode(passage, spansOf(pair, shown), language, whole)];
}

// Texts without a passage are rows with their names, like the answers.
const textRows = (pair, language) => pair.lines.map(([name, text]) => answerRow(name, text, "", language));

function pairNode(pair, passage, language, round, whole) {
  const shown = judgementsIn(pair, round).at(-1);
  const rulings = pair.rounds.map((judged) => `round ${judged.round} ${ruling(judged)}`).join(" · ");
  const name = make("span", {}, `${language.name} · ${pair.id}`);
  const above = passage ? aboveNodes(pair, shown, passage, language, whole) : [];
  const answerLanguage = passage ? language : NO_LANGUAGE;
  const rows = [
    ...(passage ? [] : textRows(pair, language)),
    answerRow("generator", pair.answer, "generator", answerLanguage),
    ...pair.rounds.map((judged) => judgedRow(judged, judged === shown, answerLanguage)),
  ];
  return make(
    "li",
    { tabIndex: -1 },
    make("div", { className: "pair-head" }, name, make("span", {}, rulings || ["not judged", pair.why].filter(Boolean).join(": "))),
    ...above,
    make("dl", { className: "answers" }, ...rows),
  );
}

// ---- the list

function startPairBrowser() {
  const data = document.getElementById("pair-data");
  if (!data) return;
  const held = JSON.parse(data.textContent);
  const { pairs, passages, languages } = held;
  const store = correctionStore(held.run);
  const part = (name) => document.getElementById(`pair-${name}`);
  const [search, language, answer, round, outcome, more, list] =
    ["search", "language", "answer", "round", "outcome", "more", "list"].map(part);
  const matching = searcher(pairs, passages);
  let found = [];

  const node = (pair) => {
    const [passage, own] = [passages[pair.passage], languages[pair.language]];
    const shown = pairNode(pair, passage, own, Number(round.value), search.value.trim() !== "");
    return correctable(shown, pair, passage, own, held.corrections, store, changed);
  };
  const changed = () => showCorrections(part("corrections"), held, store);

  function showMore() {
    const start = list.childElementCount;
    list.append(...found.slice(start, start + PAIRS_AT_A_TIME).map(node));
    const shown = list.childElementCount;
    const [some, all] = [shown, found.length].map((number) => number.toLocaleString("en"));
    part("count").textContent = found.length
      ? `Showing ${some} of ${all} matching pairs.`
      : "No pair matches. Clear the search or a filter.";
    more.hidden = shown === found.length;
    more.textContent = `Show ${Math.min(PAIRS_AT_A_TIME, found.length - shown)} more`;
    return list.children[start];
  }

  function update() {
    const fits = filterer(language.value, answer?.value, Number(round.value), outcome.value);
    const matches = matching(search.value);
    found = pairs.filter((pair) => fits(pair) && matches(pair));
    list.replaceChildren();
    showMore();
    changed();
  }
  held.update = update;

  part("filters").addEventListener("input", update);
  part("filters").addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => showMore()?.focus({ preventScroll: true }));
  update();
}

addEventListener("DOMContentLoaded", startPairBrowser);
