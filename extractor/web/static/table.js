// 台账: choosing rows, moving by keyboard, views that are kept in this browser.

import "./menus.js";
import "./downloads.js";
import "./undo.js";
import { say } from "./app.js";

const grid = document.getElementById("grid");
const rows = grid ? [...grid.querySelectorAll("tbody tr")] : [];
const boxes = rows.map((row) => row.querySelector('input[name="task"]')).filter(Boolean);

/* Choosing. */
const bulk = document.getElementById("bulk");
const wholePage = document.getElementById("whole-page");
const everything = document.getElementById("everything");
const chosen = document.getElementById("chosen");
let last = -1;

if (bulk) {
  wholePage.hidden = false;
  wholePage.addEventListener("change", () => {
    for (const box of boxes) box.checked = wholePage.checked;
    if (everything && !wholePage.checked) everything.checked = false;
    tell();
  });
  everything?.addEventListener("change", () => {
    for (const box of boxes) box.checked = everything.checked;
    tell();
  });
  boxes.forEach((box, at) => {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last >= 0) for (let i = Math.min(last, at); i <= Math.max(last, at); i += 1) boxes[i].checked = box.checked;
      last = at;
      if (everything) everything.checked = false;
      tell();
    });
  });
  const status = document.getElementById("new-status");
  const completed = document.getElementById("completed");
  const showCompleted = () => { completed.hidden = status.value !== "done"; };
  status.addEventListener("change", () => { showCompleted(); tell(); });
  showCompleted();
  bulk.addEventListener("submit", (event) => {
    const count = everything?.checked ? Number(bulk.elements.expected.value) : boxes.filter((box) => box.checked).length;
    const changing = !event.submitter?.hasAttribute("data-download");
    if (changing && count > boxes.length && !window.confirm(`确定把全部 ${count} 项任务的状态定为“${status.selectedOptions[0].textContent}”？`)) event.preventDefault();
  });
  tell();
}

function tell() {
  const count = boxes.filter((box) => box.checked).length;
  const all = everything?.checked;
  for (const [at, row] of rows.entries()) row.classList.toggle("chosen", boxes[at].checked);
  wholePage.checked = count === boxes.length;
  wholePage.indeterminate = count > 0 && count < boxes.length;
  chosen.textContent = all ? `已选全部 ${bulk.elements.expected.value} 项` : `已选 ${count} 项`;
  bulk.classList.toggle("some", count > 0 || all);
  for (const button of bulk.querySelectorAll("button")) button.disabled = !count && !all;
  document.getElementById("set-status").disabled ||= !bulk.elements.status.value;
}

/* Moving. Rows that are reached by keyboard open by themselves; those that are clicked must not move away under the mouse. */
let here = -1;
let byKeyboard = false;
document.addEventListener("keydown", (event) => { byKeyboard = ["Tab", "j", "k"].includes(event.key); }, true);
document.addEventListener("pointerdown", () => { byKeyboard = false; }, true);

function arrive(at) {
  if (at === here) return;
  rows[here]?.classList.remove("here", "passing");
  here = at;
  rows[here].classList.add("here");
  rows[here].classList.toggle("passing", byKeyboard);
}

function go(to) {
  if (!rows.length) return;
  arrive(Math.max(0, Math.min(rows.length - 1, to)));
  rows[here].querySelector("th a").focus({ preventScroll: true });
  rows[here].scrollIntoView({ block: "nearest" });
}

rows.forEach((row, at) => {
  row.addEventListener("focusin", () => arrive(at));
  row.addEventListener("click", (event) => {
    if (!event.target.closest("a, input") && !getSelection().toString()) row.classList.toggle("open");
  });
});

const KEYS = {
  j: () => go(here + 1),
  k: () => go(here < 0 ? 0 : here - 1),
  x: () => boxes[here]?.click(),
  Enter: () => { if (here >= 0) location.href = rows[here].dataset.href; },
  "/": () => document.getElementById("text").select(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !KEYS[event.key]) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog, details.menu")) return;
  if (event.key === "Enter" && event.target.closest("a, button, summary, input")) return;
  event.preventDefault();
  KEYS[event.key]();
});
if (rows.length) document.getElementById("keys").hidden = false;

/* Views: an address under a name. */
const STORE = "taizhang.views";
const views = document.getElementById("views");
const list = document.getElementById("view-list");

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one.name === "string" && typeof one.query === "string") : [];
  } catch {
    return [];
  }
}

function keep(all) {
  try {
    localStorage.setItem(STORE, JSON.stringify(all));
  } catch {
    say("浏览器不允许保存：请改用收藏夹收藏这个地址。", "bad");
  }
  showViews();
}

function showViews() {
  list.replaceChildren(...kept().map(({ name, query }) => {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = `/tasks${query && `?${query}`}`;
    link.textContent = name;
    const gone = document.createElement("button");
    gone.type = "button";
    gone.className = "plain";
    gone.textContent = "删除";
    gone.setAttribute("aria-label", `删除视图 ${name}`);
    gone.addEventListener("click", () => keep(kept().filter((one) => one.name !== name)));
    line.append(link, gone);
    return line;
  }));
}

views.hidden = false;
document.getElementById("view-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = document.getElementById("view-name");
  const name = field.value.trim();
  if (!name) return;
  const address = new URL(location.href);
  address.searchParams.delete("page");
  keep([...kept().filter((one) => one.name !== name), { name, query: address.searchParams.toString() }]);
  field.value = "";
  say(`已保存视图“${name}”。`);
});
showViews();
