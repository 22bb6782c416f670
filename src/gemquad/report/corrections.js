// Accepting, editing and rejecting pairs. What was decided lasts as long as the browser's storage.

const pairKey = (pair) => `${pair.language}/${pair.id}`;

function correctionStore(run) {
  const name = `gemquad-corrections-${run}`;
  const held = JSON.parse(withStorage((storage) => storage.getItem(name)) ?? "{}");
  const save = () => withStorage((storage) => storage.setItem(name, JSON.stringify(held)));
  return {
    get: (pair) => held[pairKey(pair)],
    set: (pair, made) => {
      if (made) held[pairKey(pair)] = made;
      else delete held[pairKey(pair)];
      save();
    },
    clear: () => {
      Object.keys(held).forEach((key) => delete held[key]);
      save();
    },
  };
}

// ---- what may be said of a pair

const codePoints = (text) => Array.from(text).length;

// Where the answer stands, in code points: of several places the one nearest to `near`; -1 where it is not in the passage.
function placeOf(answer, passage, near) {
  const places = [];
  for (let at = passage.indexOf(answer); answer && at >= 0; at = passage.indexOf(answer, at + 1))
    places.push(codePoints(passage.slice(0, at)));
  const distance = (place) => Math.abs(place - near);
  return places.reduce((best, place) => (best < 0 || distance(place) < distance(best) ? place : best), -1);
}

// Why an edited pair cannot be saved, with what to do; "" where it can.
function refusal({ texts, answer, start }, passage, form) {
  if (texts.some((text) => !text)) return "A text is empty. Fill it in, or reject the pair.";
  if (passage && !answer) return "There is no answer. Select it in the passage, or reject the pair.";
  if (passage && start < 0) return "The answer is not in the passage, letter by letter. Select it there, or copy it.";
  const [low, high] = form.range;
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(answer);
  if (form.range.length && !(isNumber && low <= Number(answer) && Number(answer) <= high))
    return `The label is a number from ${low} to ${high}.`;
  return "";
}

const asGenerated = (pair) => ({ texts: pair.lines.map(([, text]) => text), answer: pair.answer, start: pair.start });

// ---- one pair

const STATES = { accepted: "accepted", edited: "edited", rejected: "rejected" };

function answerField(pair, form, language, made) {
  const classes = Object.keys(form.labels);
  if (!classes.length) return make("input", { value: made.answer, lang: language.lang, dir: "auto", autocomplete: "off" });
  return make("select", {}, ...classes.map((name) => make("option", { value: name, selected: name === made.answer }, name)));
}

function editForm(pair, passage, language, form, made, done) {
  const areas = made.texts.map((text) => make("textarea", { value: text, rows: 2, lang: language.lang, dir: language.dir }));
  const answer = answerField(pair, form, language, made);
  const hint = make("p", { className: "hint" });
  hint.setAttribute("role", "alert");
  const save = make("button", { type: "submit" }, "Save");
  const cancel = make("button", { type: "button" }, "Cancel");
  let start = made.start;
  const read = () => ({ texts: areas.map((area) => area.value.trim()), answer: answer.value.trim(), start });
  const check = () => {
    if (passage) start = placeOf(answer.value.trim(), passage, start < 0 ? pair.start : start);
    hint.textContent = refusal(read(), passage, form);
    save.disabled = hint.textContent !== "";
  };
  const labels = pair.lines.map(([name], i) => make("label", {}, name, areas[i]));
  const node = make("form", { className: "edit" }, ...labels, make("label", {}, "answer", answer), hint, make("div", {}, save, " ", cancel));
  node.addEventListener("input", check);
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    check();
    if (!save.disabled) done(read());
  });
  cancel.addEventListener("click", () => done(null));
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape") done(null);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) node.requestSubmit();
  });
  // What the reader selects in the passage is the answer, at that very place.
  node.take = (place, text) => {
    answer.value = text;
    start = place + codePoints(text) - codePoints(text.trimStart());
    check();
  };
  check();
  return node;
}

// The text selected in a node, and its place in code points; null where nothing is.
function selectedIn(node) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!node.contains(range.commonAncestorContainer)) return null;
  const before = document.createRange();
  before.setStart(node, 0);
  before.setEnd(range.startContainer, range.startOffset);
  return [codePoints(before.toString()), range.toString()];
}

function correctable(item, pair, passage, language, form, store, changed) {
  const said = make("span", { className: "said" });
  const act = (name, title, action) => {
    const button = make("button", { type: "button", title }, name);
    button.addEventListener("click", action);
    return button;
  };
  const decide = (state, made) => {
    store.set(pair, state && { state, ...made });
    show();
    changed();
  };
  function show() {
    const made = store.get(pair);
    item.dataset.state = made?.state ?? "";
    const edited = made?.state === "edited" ? `: ${[...made.texts, made.answer].join(" · ")}` : "";
    said.textContent = made ? `${STATES[made.state]}${edited}` : "";
    undo.hidden = !made;
  }
  function edit() {
    if (item.querySelector("form")) return;
    const form_ = editForm(pair, passage, language, form, store.get(pair)?.texts ? store.get(pair) : asGenerated(pair), (made) => {
      form_.remove();
      if (made) decide("edited", made);
      item.focus();
    });
    if (passage) {
      const whole = passageNode(passage, [], language, true);
      item.querySelector(".passage").replaceWith(whole);
      whole.addEventListener("pointerup", () => {
        const found = form_.isConnected && selectedIn(whole);
        if (found) form_.take(...found);
      });
    }
    row.after(form_);
    form_.querySelector("textarea, input, select").focus();
  }
  const accept = () => decide("accepted", asGenerated(pair));
  const reject = () => decide("rejected", {});
  const undo = act("Undo", "u", () => decide(null));
  const buttons = [act("Accept", "Enter", accept), act("Edit", "e", edit), act("Reject", "Backspace", reject), undo];
  const row = make("div", { className: "correct" }, ...buttons, said);
  item.append(row);
  item.tabIndex = 0;
  const keys = { Enter: accept, Backspace: reject, Delete: reject, e: edit, u: () => decide(null) };
  const moves = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" };
  item.addEventListener("keydown", (event) => {
    if (event.target !== item || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(event.key in keys || event.key in moves)) return;
    event.preventDefault();
    keys[event.key]?.();
    const goesOn = moves[event.key] ?? (["Enter", "Backspace", "Delete"].includes(event.key) ? "nextElementSibling" : null);
    if (goesOn) item[goesOn]?.focus();
  });
  show();
  return item;
}
