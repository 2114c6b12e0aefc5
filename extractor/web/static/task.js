// A task's page: files of evidence are sent one after the other, each as the body of a request; the log comes when the page is there.

import { nodesOf, say, send, whenChosen } from "./app.js";

const input = document.getElementById("attach");
const state = document.getElementById("attaching");

if (input) whenChosen(input, attach);

async function attach(files) {
  const limit = Number(input.dataset.limit);
  input.disabled = true;
  state.hidden = false;
  try {
    for (const file of files) {
      if (file.size > limit) throw new Error(`“${file.name}”太大，上限为 ${limit / 1048576} MB：请压缩或拆分后再试。`);
      await send(`/tasks/${input.dataset.task}/attachments?name=${encodeURIComponent(file.name)}`, file, (part) => {
        state.textContent = `正在送入“${file.name}” ${Math.round(part * 100)}%`;
      });
    }
    location.reload();
  } catch (error) {
    say(error.message, "bad");
    state.hidden = true;
    input.disabled = false;
  }
}

const history = document.getElementById("load-history");
if (history) {
  const answer = await fetch(history.dataset.path, { credentials: "same-origin" }).catch(() => null);
  if (answer?.ok && !answer.redirected) history.replaceWith(...nodesOf(await answer.text()));
}
