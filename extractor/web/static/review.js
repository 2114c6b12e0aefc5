// 核对: the source and the tasks lead to one another; every form of the page is sent without leaving it, and what the answer has
// otherwise is put in its place. Positions count code points, as the program does.

import { nodesOf, reasonIn, say, wake } from "./app.js";

const review = document.getElementById("review");
const source = document.getElementById("source");
const help = document.getElementById("help");
const takeButton = document.getElementById("take-selection");
const mayCorrect = "mayCorrect" in review.dataset;
const base = `/review/${review.dataset.document}`;
const state = { rest: new URLSearchParams(location.search).get("rest") ? "1" : "", view: review.dataset.view };
let current = null; // the card worked on
let busy = false;

const cards = () => [...document.querySelectorAll("#cards .card")];
const cardOf = (task) => document.getElementById(`t${task}`);
const query = (more = {}) => {
  const given = Object.entries({ ...state, ...more }).filter(([, value]) => value);
  return given.length ? `?${new URLSearchParams(given)}` : "";
};

// ------------------------------------------------ what the server sent, to tell what has changed

const sent = new WeakMap();
const note = (root) => root.querySelectorAll("[data-part]").forEach((part) => sent.set(part, part.outerHTML));

/** Put the children of `fresh` into `old`, keeping those that are the same. */
function patchChildren(old, fresh) {
  const known = new Map([...old.children].map((child) => [child.dataset.part, child]));
  const children = [...fresh.children].map((child) => {
    const here = known.get(child.dataset.part);
    const html = child.outerHTML;
    if (here && sent.get(here) === html && !here.matches(".open")) return here;
    const copy = document.importNode(child, true);
    sent.set(copy, html);
    return copy;
  });
  if (children.length !== old.children.length || children.some((child, at) => child !== old.children[at])) old.replaceChildren(...children);
}

function patch(page) {
  for (const id of ["cards", "text", "pages"]) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (old && fresh) {
      old.className = fresh.className;
      patchChildren(old, fresh);
    } else if (old || fresh) {
      return location.reload();
    }
  }
  for (const id of ["progress", "take", "done", "rest"]) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (old && fresh && old.outerHTML !== fresh.outerHTML) old.replaceWith(document.importNode(fresh, true));
  }
  wake();
  const words = page.querySelector("#said p");
  if (words) say(words.textContent);
}

/** Send `form` (or ask for `path`) and show the page that comes back. Resolves to whether it was done. */
async function exchange(path, form) {
  if (busy) return false;
  busy = true;
  hush();
  try {
    const options = form ? { method: "POST", body: new URLSearchParams(new FormData(form)) } : {};
    const answer = await fetch(path, { credentials: "same-origin", ...options });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("review")) throw new Error(new URL(answer.url).pathname === "/login" ? "登录已过期：请刷新页面后重新登录。" : reasonIn(page.documentElement.outerHTML));
    const places = [...document.querySelectorAll(".scroller")].map((pane) => [pane, pane.scrollTop]);
    patch(page);
    for (const [pane, top] of places) pane.scrollTop = top;
    const opened = page.getElementById("review").dataset.open;
    current = null;
    if (opened) settle(cardOf(opened), { scroll: answer.ok });
    remember();
    return answer.ok;
  } catch (error) {
    say(error instanceof TypeError ? "连不上本页面的程序：请检查它是否还在运行。" : error.message, "bad");
    return false;
  } finally {
    busy = false;
  }
}

/** What was said before is over. */
const hush = () => document.getElementById("said").replaceChildren();

function remember() {
  const at = current ? { task: current.dataset.task } : {};
  history.replaceState(null, "", `${base}${query(at)}`);
}

// ------------------------------------------------ from one side to the other

const span = (text) => text.split("-").map(Number);
const inside = (piece, [start, end]) => +piece.dataset.start >= start && +piece.dataset.start < end;

/** The pieces of the source that lie in the span "12-40"; on pages, where they have no boxes of their own, those around it. */
function painted(about) {
  if (!about) return [];
  const [start, end] = span(about);
  if (document.getElementById("text")) return [...source.querySelectorAll(".m")].filter((piece) => inside(piece, [start, end]));
  const own = [...source.querySelectorAll(`.m[data-about="${about}"]`)];
  if (own.length) return own;
  const around = [...source.querySelectorAll(".m")].map((piece) => [piece, ...span(piece.dataset.about)]).filter(([, from, to]) => from <= start && to >= end);
  return around.sort((one, other) => one[2] - one[1] - (other[2] - other[1])).slice(0, 1).map(([piece]) => piece);
}

function bring(element, pane, third = 4) {
  const [seen, frame] = [element.getBoundingClientRect(), pane.getBoundingClientRect()];
  const fits = seen.top >= frame.top + 8 && seen.bottom <= frame.bottom - 8;
  if (!fits) pane.scrollTop += seen.top - frame.top - frame.height / third;
}

/** Scroll the source there; twice, for what was not laid out before has its height only now. */
function show(pieces) {
  if (!pieces.length) return;
  bring(pieces[0], source);
  requestAnimationFrame(() => bring(pieces[0], source));
}

function mark(className, about) {
  for (const piece of source.querySelectorAll(`.${className}`)) piece.classList.remove(className);
  const pieces = painted(about);
  for (const piece of pieces) piece.classList.add(className);
  return pieces;
}

/** Make `card` the one worked on, without asking the server. */
function settle(card, { scroll = true, focus = true } = {}) {
  if (!card) return;
  if (current && current !== card) {
    current.classList.remove("open");
    current.removeAttribute("aria-current");
    current.querySelector(".editor")?.remove();
    for (const chip of current.querySelectorAll(".chip")) for (const name of ["tabindex", "role"]) chip.removeAttribute(name);
  }
  current = card;
  card.classList.add("open");
  card.setAttribute("aria-current", "true");
  for (const chip of card.querySelectorAll(".chip")) Object.assign(chip, { tabIndex: 0, role: "button" });
  const pieces = mark("on", card.dataset.about);
  mark("here", "");
  if (scroll) {
    bring(card, card.closest(".scroller"));
    show(pieces);
  }
  const open = card.querySelector("details[open]");
  if (open && mayCorrect) firstField(open)?.focus({ preventScroll: true });
  else if (focus) card.querySelector(".card-name").focus({ preventScroll: true });
}

/** Where to begin in a form: at what was not understood, else at its first field. */
const firstField = (form) => form.querySelector("[aria-invalid]") ?? form.querySelector("form input:not([type=hidden])");

const unsaved = () => [...(current?.querySelectorAll("details[open] form") ?? [])].some((form) => form.dataset.touched);

/** Go to `card`; resolves when what can be done with it is there. */
async function choose(card, options) {
  if (!card) return;
  if (card !== current) {
    if (unsaved() && !window.confirm("这项任务的改动还没有保存，要放弃吗？")) return;
    settle(card, options);
    remember();
  }
  if (mayCorrect && !card.querySelector(".editor")) {
    const answer = await fetch(`/review/tasks/${card.dataset.task}/editor${query()}`, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return say("没有取到这项任务：请刷新页面。", "bad");
    const [editor] = nodesOf(await answer.text()).filter((node) => node.nodeType === Node.ELEMENT_NODE);
    if (card === current && !card.querySelector(".editor")) {
      wake(editor);
      card.append(editor);
      bring(card, card.closest(".scroller"));
    }
  }
}

function step(by) {
  const all = cards();
  const at = all.indexOf(current);
  return choose(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
}

/** On to the next doubtful task, or where none is left, to the next that nobody has checked. */
function nextDoubt() {
  const all = cards();
  const at = all.indexOf(current) + 1;
  const order = [...all.slice(at), ...all.slice(0, at)];
  const next = order.find((card) => card.dataset.state === "doubtful") ?? order.find((card) => card.dataset.state === "open");
  if (!next) return say("这份文件的任务已全部核对。");
  if (next.dataset.state === "open" && current !== next) say("没有存疑的了，到下一项未核对的任务。");
  return choose(next);
}

/** The chip or entry for what was clicked in the source. */
function counterpart(piece) {
  const { task, about } = piece.dataset;
  const place = task ? cardOf(task) : document.getElementById("cards");
  return place?.querySelector(`[data-about="${about}"]`) ?? (task && cardOf(task));
}

document.addEventListener("click", (event) => {
  const piece = event.target.closest("#source .m");
  if (piece && document.getSelection().isCollapsed) {
    const found = counterpart(piece);
    const card = found?.closest(".card");
    if (card) choose(card, { scroll: false }).then(() => bring(card, card.closest(".scroller")));
    else if (found) bringRest(found);
    flash(piece.dataset.about, found);
    return;
  }
  const link = event.target.closest(".card-name");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const card = link.closest(".card");
    if (event.detail === 0 && card === current) confirmCurrent(); // Enter on the task worked on
    else choose(card);
    return;
  }
  const about = event.target.closest("button[data-about], .chip");
  if (about) {
    const card = about.closest(".card");
    const there = () => about.dataset.about && flash(about.dataset.about, about, true);
    if (card && card !== current) choose(card, { scroll: false, focus: false }).then(there);
    there();
    return;
  }
  const card = event.target.closest(".card");
  if (card && card !== current && !event.target.closest("a, button, summary, input, select, label")) choose(card);
});

function bringRest(found) {
  if (found.closest(".rest") && !state.rest) toggleRest();
  bring(found, found.closest(".scroller"));
}

function flash(about, entry, scroll = false) {
  const pieces = mark("here", about);
  if (scroll) show(pieces);
  for (const old of document.querySelectorAll(".found .here")) old.classList.remove("here");
  entry?.classList.add("here");
}

// ------------------------------------------------ what is no task

function toggleRest() {
  state.rest = state.rest ? "" : "1";
  document.getElementById("cards")?.classList.toggle("with-rest", Boolean(state.rest));
  const link = document.getElementById("rest");
  link.classList.toggle("on", Boolean(state.rest));
  link.firstChild.textContent = `${state.rest ? "隐藏" : "显示"}未采用 `;
  if (current) bring(current, current.closest(".scroller"));
  remember();
}
document.addEventListener("click", (event) => {
  if (event.target.closest("#rest")) {
    event.preventDefault();
    toggleRest();
  }
  const take = event.target.closest("a.take, #take-off");
  if (take) {
    event.preventDefault();
    openTaking(new URL(take.href).searchParams.get("take"));
  }
});

async function openTaking(about) {
  const task = current?.dataset.task;
  const answer = await fetch(`${base}${query({ take: about, task })}`, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return say("没有取到这段文字：请刷新页面。", "bad");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("take");
  document.getElementById("take").replaceWith(document.importNode(fresh, true));
  const form = document.querySelector("#take form");
  if (form) {
    bring(form, form.closest(".scroller"));
    show(mark("here", form.dataset.about));
    form.querySelector("[name=reason]").focus({ preventScroll: true });
  } else {
    mark("here", "");
    current?.querySelector(".card-name").focus({ preventScroll: true });
  }
}

const codePoints = (text) => [...text].length;

/** The position in the document of a place in the page's text. */
function position(node, offset) {
  const line = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("p[data-start]");
  if (!line) return null;
  const before = document.createRange();
  before.setStart(line, 0);
  before.setEnd(node, offset);
  return Number(line.dataset.start) + codePoints(before.toString());
}

function selected() {
  const selection = document.getSelection();
  if (!document.getElementById("text") || selection.isCollapsed || !source.contains(selection.anchorNode) || !source.contains(selection.focusNode)) return null;
  const range = selection.getRangeAt(0);
  const [start, end] = [position(range.startContainer, range.startOffset), position(range.endContainer, range.endOffset)];
  return start !== null && end !== null && start < end ? { start, end, range, words: selection.toString() } : null;
}

document.addEventListener("selectionchange", () => {
  if (!takeButton) return;
  const found = selected();
  takeButton.hidden = !found || Boolean(current?.querySelector("details[data-act=split][open]"));
  if (found && !takeButton.hidden) {
    const frame = found.range.getBoundingClientRect();
    takeButton.style.left = `${Math.max(8, Math.min(frame.left, innerWidth - 140))}px`;
    takeButton.style.top = `${Math.max(60, Math.min(frame.bottom + 6, innerHeight - 48))}px`;
  }
});
takeButton?.addEventListener("mousedown", (event) => event.preventDefault()); // the selection must stay
takeButton?.addEventListener("click", takeSelection);

function takeSelection() {
  const found = selected();
  if (!found) return say("请先在左边的文字中选中要列为任务的一段。", "bad");
  takeButton.hidden = true;
  return openTaking(`${found.start}-${found.end}`);
}

// In a split, the words selected in the source begin the second piece.
source.addEventListener("mouseup", () => {
  const words = current?.querySelector("details[data-act=split][open] [name=words]");
  const found = words && selected();
  if (found) {
    words.value = found.words.replace(/\s+/g, "").slice(0, 30);
    words.closest("form").dataset.touched = "1";
  }
});

// ------------------------------------------------ forms

async function confirmCurrent() {
  const form = current?.querySelector("form[data-act=confirm]");
  if (!form) return;
  if (form.querySelector("button").disabled) return step(1);
  if (unsaved() || busy) return unsaved() && say("表单还没有保存：请先保存，或按 Esc 关闭。", "bad");
  busy = true;
  hush();
  const card = current;
  try {
    const body = new URLSearchParams(new FormData(form));
    body.set("part", "1");
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    const text = await answer.text();
    if (!answer.ok) {
      const page = new DOMParser().parseFromString(text, "text/html");
      throw new Error(page.querySelector(".editor .note.bad")?.textContent ?? reasonIn(text));
    }
    const [fresh, done] = nodesOf(text).filter((node) => node.nodeType === Node.ELEMENT_NODE);
    if (!fresh?.matches(".card")) throw new Error("登录已过期：请刷新页面后重新登录。");
    document.getElementById("done").replaceWith(document.importNode(done, true));
    const all = cards();
    const next = all[all.indexOf(card) + 1];
    const copy = document.importNode(fresh, true);
    sent.set(copy, fresh.outerHTML);
    card.replaceWith(copy);
    current = null;
    count();
    busy = false;
    await choose(next ?? copy);
    if (!next) say(cards().every((one) => one.dataset.state === "confirmed") ? "这份文件的任务已全部核对。" : "已到最后一项；按 n 到还没有核对的任务。");
  } catch (error) {
    say(error instanceof TypeError ? "连不上本页面的程序：请检查它是否还在运行。" : error.message, "bad");
  } finally {
    busy = false;
  }
}

/** Tell anew how far the document is checked. */
function count() {
  const states = cards().map((card) => card.dataset.state);
  const [confirmed, doubtful] = ["confirmed", "doubtful"].map((wanted) => states.filter((one) => one === wanted).length);
  const line = document.getElementById("progress");
  line.querySelector("progress").value = confirmed;
  line.querySelector("b").textContent = confirmed;
  document.getElementById("next-document").hidden = confirmed < states.length;
  const badge = line.querySelector(".badge");
  if (badge) {
    badge.textContent = `${doubtful} 项存疑`;
    badge.hidden = !doubtful;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("main form[method=post]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.act === "confirm") confirmCurrent();
  else exchange(form.action, form);
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.form?.closest(".editor")) field.form.dataset.touched = "1";
  if (field.dataset.read) readSoon(field);
  const line = field.closest(".line");
  if (line && !line.nextElementSibling && field.value) addLine(line);
});

function addLine(line) {
  const copy = line.cloneNode(true);
  for (const field of copy.querySelectorAll("input")) field.value = "";
  const said = copy.querySelector("output");
  if (said) said.textContent = "";
  line.after(copy);
}

document.addEventListener("click", (event) => {
  const drop = event.target.closest(".drop-line");
  if (!drop) return;
  const line = drop.closest(".line");
  drop.form.dataset.touched = "1";
  const next = line.nextElementSibling ?? line.previousElementSibling;
  if (line.nextElementSibling) line.remove();
  else for (const field of line.querySelectorAll("input")) field.value = "";
  next?.querySelector("input:not([type=hidden])").focus();
});

const waiting = new WeakMap();
function readSoon(field) {
  clearTimeout(waiting.get(field));
  waiting.set(field, setTimeout(() => read(field), 250));
}

/** Show what the typed words are taken to mean. */
async function read(field) {
  const said = field.closest(".line").querySelector("output");
  const words = field.value.trim();
  field.removeAttribute("aria-invalid");
  said.classList.remove("problem");
  if (!words) return void (said.textContent = "");
  const answer = await fetch(`${base}/reading?${new URLSearchParams({ field: field.dataset.read, words })}`, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || field.value.trim() !== words) return;
  const { read_as: meaning, problem } = await answer.json();
  said.textContent = problem ?? `读作 ${meaning}`;
  said.classList.toggle("problem", Boolean(problem));
  if (problem) field.setAttribute("aria-invalid", "true");
}

// One form at a time, in browsers that do not see to it themselves; the first field is at hand.
document.addEventListener("toggle", (event) => {
  const opened = event.target;
  if (!opened.matches?.("details.act") || !opened.open) return;
  for (const other of opened.parentElement.querySelectorAll("details.act[open]")) if (other !== opened) other.open = false;
  if (!opened.contains(document.activeElement) || document.activeElement.matches("summary")) firstField(opened)?.focus({ preventScroll: true });
  const form = opened.querySelector("form");
  requestAnimationFrame(() => bring(form.getBoundingClientRect().height > 400 ? opened.closest(".card") : opened.closest(".acts"), opened.closest(".scroller"), 40));
}, true);

async function open(act) {
  const card = current;
  if (!card) return;
  await choose(card);
  const details = card.querySelector(`details[data-act=${act}]`);
  if (details) details.open = true;
}

function close() {
  const form = document.activeElement?.closest("details.act[open]") ?? current?.querySelector("details.act[open]");
  if (form) {
    const touched = form.querySelector("form");
    if (touched.dataset.touched && !window.confirm("改动还没有保存，要放弃吗？")) return;
    touched.reset();
    delete touched.dataset.touched;
    form.open = false;
  } else if (document.querySelector("#take form")) {
    return void openTaking(null);
  }
  current?.querySelector(".card-name").focus({ preventScroll: true });
}

// ------------------------------------------------ keys

const ACTS = { e: "correct", s: "split", m: "merge", x: "withdraw" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
  const { target, key } = event;
  if (key === "Escape") return close();
  if (key === "F8") return event.preventDefault(), void nextDoubt();
  if (target.closest("input, select, textarea")) return;
  const on = target.closest("button, summary, a:not(.card-name), .chip");
  if (key === "Enter" && target.matches(".chip")) return event.preventDefault(), target.click();
  const letter = key.length === 1 ? key.toLowerCase() : key;
  const inSource = source.contains(target) && key.startsWith("Arrow");
  const doing = {
    j: () => step(1),
    ArrowDown: () => step(1),
    k: () => step(-1),
    ArrowUp: () => step(-1),
    n: nextDoubt,
    l: toggleRest,
    t: () => document.querySelector(".choice-of-view a:not([aria-current])")?.click(),
    o: () => current && (location.href = `/tasks/${current.dataset.task}`),
    "?": () => help.showModal(),
    Enter: on ? undefined : confirmCurrent,
    u: mayCorrect ? () => document.querySelector("#done form")?.requestSubmit() : undefined,
    a: mayCorrect ? takeSelection : undefined,
    ...(mayCorrect ? Object.fromEntries(Object.entries(ACTS).map(([k, act]) => [k, () => open(act)])) : {}),
  }[letter];
  if (!doing || inSource) return;
  event.preventDefault();
  doing();
});

document.getElementById("next-doubt").addEventListener("click", nextDoubt);
document.getElementById("keys").addEventListener("click", () => help.showModal());
document.querySelector("[data-go]").addEventListener("change", (event) => (location.href = event.target.dataset.go + event.target.value));
for (const link of document.querySelectorAll(".choice-of-view a")) {
  link.addEventListener("click", () => (link.href = `${base}${query({ view: link.dataset.view, task: current?.dataset.task })}`));
}
window.addEventListener("beforeunload", (event) => {
  if (unsaved()) event.preventDefault();
});

// ------------------------------------------------ begin

note(document);
wake();
if (review.dataset.open) settle(cardOf(review.dataset.open));
else if (!review.dataset.at && !document.querySelector("#take form") && cards().length) choose(cards().find((card) => card.dataset.state !== "confirmed") ?? cards()[0]);
if (review.dataset.at) flash(review.dataset.at, null, true);
const taking = document.querySelector("#take form");
if (taking) show(mark("here", taking.dataset.about));
if (new URLSearchParams(location.search).has("done")) remember();
