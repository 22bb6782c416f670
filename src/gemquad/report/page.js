// The theme, the place in the contents, and tables that sort. The page reads well without any of it.
"use strict";

// ---- theme: the reader's choice where there is one and storage is allowed, else the system's

const THEME_KEY = "gemquad-theme";

// A page opened from a file may have no storage: the choice then lasts as long as the page.
function withStorage(use) {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}

function applyTheme(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}

function startThemeButton() {
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const current = () => document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light");
  const other = () => (current() === "dark" ? "light" : "dark");
  const label = () => (button.textContent = other() === "dark" ? "Dark theme" : "Light theme");
  button.addEventListener("click", () => {
    applyTheme(other());
    withStorage((storage) => storage.setItem(THEME_KEY, current()));
    label();
  });
  system.addEventListener("change", label);
  button.hidden = false;
  label();
}

// ---- contents: the last section whose title has passed the upper third of the window is the one being read

function startContents() {
  const links = [...document.querySelectorAll("nav a")];
  const sections = links.map((link) => document.querySelector(link.getAttribute("href")));
  const update = () => {
    const passed = sections.findLastIndex((section) => section.getBoundingClientRect().top < innerHeight / 3);
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const current = links[atEnd ? links.length - 1 : passed];
    links.forEach((link) => link.removeAttribute("aria-current"));
    current?.setAttribute("aria-current", "true");
  };
  addEventListener("scroll", update, { passive: true });
  addEventListener("resize", update, { passive: true });
  update();
}

// ---- tables that sort

const asNumber = (text) => parseFloat(text.replace("−", "-").replaceAll(",", ""));

// What begins with a number by that number and before everything else, the rest as text.
function compareCells(a, b) {
  const [x, y] = [asNumber(a), asNumber(b)];
  if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
  return isNaN(x) ? a.localeCompare(b) : x - y;
}

function sortRows(body, column, direction) {
  const text = (row) => row.cells[column].textContent;
  body.append(...[...body.rows].sort((a, b) => direction * compareCells(text(a), text(b))));
}

function makeSortable(table) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const ascending = header.getAttribute("aria-sort") !== "ascending";
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sortRows(table.tBodies[0], column, ascending ? 1 : -1);
    });
  });
}

applyTheme(withStorage((storage) => storage.getItem(THEME_KEY)));
addEventListener("DOMContentLoaded", () => {
  startThemeButton();
  startContents();
  document.querySelectorAll(".sortable table").forEach(makeSortable);
});
