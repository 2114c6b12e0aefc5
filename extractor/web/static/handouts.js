// 分发与回收: returned files are sent one after the other; the server answers with what each would change.

import "./downloads.js";
import { nodesOf, send, showAnew, whenChosen } from "./app.js";

const back = document.getElementById("back");
const plans = document.getElementById("plans");
const sending = document.getElementById("sending");
let queue = Promise.resolve();

document.addEventListener("handed-out", () => showAnew("handed-out"));

if (back) {
  whenChosen(document.getElementById("files"), takeBack);
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      back.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) back.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    back.classList.remove("over");
    takeBack([...event.dataTransfer.files]);
  });
}

function takeBack(files) {
  for (const file of files) {
    const line = document.createElement("li");
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `${file.name} 的进度`);
    line.append(file.name, bar);
    sending.append(line);
    queue = queue.then(() => one(file, line, bar));
  }
}

async function one(file, line, bar) {
  const limit = Number(back.dataset.limit);
  try {
    if (file.size > limit) throw new Error(`文件太大，上限为 ${limit / 1048576} MB：请交回发出的那份表。`);
    const html = await send(`/handouts/returned?name=${encodeURIComponent(file.name)}`, file, (part) => {
      if (part < 1) bar.value = part;
      else bar.removeAttribute("value");
    });
    line.remove();
    plans.hidden = false;
    plans.append(...nodesOf(html));
    plans.lastElementChild.scrollIntoView({ block: "nearest" });
  } catch (error) {
    bar.remove();
    const why = document.createElement("span");
    why.className = "note bad";
    why.textContent = error.message;
    line.append(why);
  }
}
