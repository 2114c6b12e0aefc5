// Forms whose answer is a file: the page stays, says what went wrong in place, and hears of it by `handed-out`.

import { ask, say } from "./app.js";

document.addEventListener("submit", async (event) => {
  const button = event.submitter;
  const form = event.target;
  if (event.defaultPrevented || !(button?.hasAttribute("data-download") || form.hasAttribute("data-download"))) return;
  event.preventDefault();
  button.disabled = true;
  try {
    const answer = await ask(button.hasAttribute("formaction") ? button.formAction : form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)) });
    const name = decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "");
    save(await answer.blob(), name);
    say(`已写出“${name}”，请在浏览器的下载中查看。`);
    document.dispatchEvent(new CustomEvent("handed-out"));
  } catch (error) {
    say(error.message, "bad");
  } finally {
    button.disabled = false;
  }
});

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
