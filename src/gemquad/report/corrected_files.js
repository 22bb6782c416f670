// The corrected pairs as files that the next run reads.

// ---- the file: SQuAD's document, or a row for each text

function squadDocument(chosen) {
  const paragraphs = new Map();
  for (const { pair, passage, made } of chosen) {
    const answers = [{ text: made.answer, answer_start: made.start }];
    const qas = paragraphs.get(passage) ?? paragraphs.set(passage, []).get(passage);
    qas.push({ id: pair.id, question: made.texts[0], answers });
  }
  const listed = [...paragraphs].map(([context, qas]) => ({ context, qas }));
  return `${JSON.stringify({ data: [{ title: "corrected", paragraphs: listed }] }, null, 1)}\n`;
}

function labelledRows(chosen, form) {
  const [texts, label] = [form.columns.slice(0, -1), form.columns.at(-1)];
  const row = ({ pair, made }) => ({
    ...(form.id ? { [form.id]: pair.id } : {}),
    ...Object.fromEntries(texts.map((column, i) => [column, made.texts[i] ?? ""])),
    [label]: form.labels[made.answer] ?? made.answer,
  });
  return chosen.map((one) => `${JSON.stringify(row(one))}\n`).join("");
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// ---- the bar above the list: how many, and the file of each language

function showCorrections(bar, data, store) {
  const found = data.pairs.map((pair) => ({ pair, passage: data.passages[pair.passage], made: store.get(pair) })).filter((one) => one.made);
  const chosen = found.filter(({ made }) => made.state !== "rejected");
  const ending = data.corrections.columns.length ? "jsonl" : "json";
  const files = Object.entries(data.languages).flatMap(([code, language]) => {
    const own = chosen.filter(({ pair }) => pair.language === code);
    if (!own.length) return [];
    const name = `corrected.${code}.${ending}`;
    const text = () => (ending === "json" ? squadDocument(own) : labelledRows(own, data.corrections));
    const button = make("button", { type: "button" }, `Download ${name} (${own.length})`);
    button.addEventListener("click", () => download(name, text()));
    return [button];
  });
  const forget = make("button", { type: "button" }, "Forget all");
  forget.addEventListener("click", () => {
    store.clear();
    data.update();
  });
  const said = `${chosen.length} accepted or edited, ${found.length - chosen.length} rejected. `;
  bar.replaceChildren(...(found.length ? [said, ...files, forget] : []));
}
