// 收文: files are sent one after the other, each with a bar; the server says what became of it.

import { nodesOf, say, send, showAnew, whenChosen } from "./app.js";

const drop = document.getElementById("drop");
const arrivals = document.getElementById("arrivals");
const list = document.getElementById("list");
const tally = document.getElementById("tally");
const limit = Number(drop.dataset.limit);
const waiting = [];
const counts = { added: 0, known: 0, failed: 0, tasks: 0 };
let busy = false;

const NO_DOCUMENT = /^(?:\.|~\$|desktop\.ini$|thumbs\.db$)/i;

for (const id of ["files", "folder"]) whenChosen(document.getElementById(id), take);

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("over");
});
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const found = [];
  for (const entry of entries) await collect(entry, found);
  take(found);
});

/** The files of what was dropped, those of folders in order of name. */
async function collect(entry, found) {
  if (entry.isFile) {
    found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    return;
  }
  const reader = entry.createReader();
  const inside = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break; // a folder is told in portions
    inside.push(...some);
  }
  inside.sort((one, other) => one.name.localeCompare(other.name, "zh-CN"));
  for (const one of inside) if (!NO_DOCUMENT.test(one.name)) await collect(one, found);
}

function take(files) {
  const documents = files.filter((file) => !NO_DOCUMENT.test(file.name));
  if (!documents.length) {
    say("没有可以读入的文件。", "bad");
    return;
  }
  arrivals.hidden = false;
  for (const file of documents) waiting.push([file, line(file)]);
  tell();
  work();
}

function line(file) {
  const entry = document.createElement("li");
  const name = document.createElement("p");
  name.className = "file";
  name.textContent = file.webkitRelativePath || file.name;
  const state = document.createElement("span");
  state.className = "state";
  state.textContent = "等待";
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `${file.name} 的进度`);
  name.append(state);
  entry.append(name, bar);
  list.append(entry);
  return { entry, state, bar };
}

async function work() {
  if (busy) return;
  busy = true;
  while (waiting.length) {
    const [file, shown] = waiting.shift();
    tell();
    await one(file, shown);
  }
  busy = false;
  tell();
  await showAnew("recent");
}

async function one(file, { entry, state, bar }) {
  try {
    if (file.size > limit) throw new Error(`文件太大（${Math.ceil(file.size / 1048576)} MB），上限为 ${limit / 1048576} MB：请拆分后再试。`);
    state.textContent = "正在送入";
    const html = await send(`/intake?name=${encodeURIComponent(file.name)}`, file, (part) => {
      bar.value = part;
      if (part < 1) return;
      state.textContent = "正在读取";
      bar.removeAttribute("value"); // how long reading takes nobody knows
    });
    const outcomes = nodesOf(html);
    for (const node of outcomes) if (node.dataset) count(node.dataset);
    entry.replaceChildren(...outcomes);
  } catch (error) {
    count({ outcome: "failed" });
    bar.remove();
    state.className = "badge bad";
    state.textContent = "未读入";
    const why = document.createElement("p");
    why.textContent = error.message;
    entry.append(why);
    entry.className = "outcome bad";
  }
}

function count({ outcome, tasks }) {
  counts[outcome] += 1;
  if (outcome === "added") counts.tasks += Number(tasks);
}

function tell() {
  const parts = [];
  if (busy) parts.push(`还有 ${waiting.length + 1} 个文件`);
  if (counts.added) parts.push(`记入 ${counts.added} 份，${counts.tasks} 项任务`);
  if (counts.known) parts.push(`${counts.known} 份已在台账中`);
  if (counts.failed) parts.push(`${counts.failed} 份未读入`);
  tally.textContent = parts.join("；");
}

// Files that are still on their way are lost with the page.
window.addEventListener("beforeunload", (event) => {
  if (busy) event.preventDefault();
});
