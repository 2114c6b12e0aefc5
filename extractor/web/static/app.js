// What every page has: requests that carry the page's token, and messages that screen readers hear.

const token = document.querySelector('meta[name="csrf-token"]').content;
const said = document.getElementById("said");

/** Tell the person something; `kind` is "ok" or "bad". */
export function say(message, kind = "ok") {
  const note = document.createElement("p");
  note.className = `note ${kind}`;
  note.textContent = message;
  said.replaceChildren(note);
}

/** The one line that an answer of the server says what went wrong with. */
export function reasonIn(text) {
  try {
    return JSON.parse(text).detail;
  } catch {
    const page = new DOMParser().parseFromString(text, "text/html");
    return page.querySelector("main p")?.textContent.trim() || text.slice(0, 200) || "没有收到答复：请检查连接后重试。";
  }
}

/** As `fetch`, with the page's token; throws an Error with one line for people where the server refuses. */
export async function ask(path, options = {}) {
  const headers = { "X-CSRF-Token": token, ...options.headers };
  const answer = await fetch(path, { credentials: "same-origin", ...options, headers }).catch(() => {
    throw new Error("连不上本页面的程序：请检查它是否还在运行。");
  });
  if (!answer.ok || answer.redirected) throw new Error(answer.redirected ? "登录已过期：请刷新页面后重新登录。" : reasonIn(await answer.text()));
  return answer;
}

/** Send `file` as the body of a POST, telling `onProgress` how much (0 to 1) has gone; resolves to the answer's text. */
export function send(path, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("X-CSRF-Token", token);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.upload.onload = () => onProgress(1);
    request.onload = () => {
      if (request.responseURL && new URL(request.responseURL).pathname === "/login") reject(new Error("登录已过期：请刷新页面后重新登录。"));
      else if (request.status >= 200 && request.status < 300) resolve(request.responseText);
      else reject(new Error(reasonIn(request.responseText)));
    };
    request.onerror = () => reject(new Error("没有送达：请检查程序是否还在运行、文件是否还能打开。"));
    request.send(file);
  });
}

/** The nodes of a fragment of HTML that the server rendered. */
export function nodesOf(html) {
  return [...new DOMParser().parseFromString(html, "text/html").body.childNodes];
}

/** Bring the part of this page that has that id up to date, and leave the rest as it is. */
export async function showAnew(id) {
  try {
    const page = new DOMParser().parseFromString(await (await ask(location.href)).text(), "text/html");
    document.getElementById(id).replaceWith(page.getElementById(id));
  } catch (error) {
    say(error.message, "bad");
  }
}

/** Give `take` the files somebody chooses with `input`, those too that were chosen before this script was there. */
export function whenChosen(input, take) {
  const chosen = () => {
    if (!input.files.length) return;
    take([...input.files]);
    input.value = "";
  };
  input.addEventListener("change", chosen);
  chosen();
}

/** Let people use what does nothing without a script: until now the page had it disabled. */
export function wake(root = document) {
  for (const control of root.querySelectorAll("[data-scripted]:disabled")) control.disabled = false;
}

// A form that asks first: <form data-confirm="确定……？">.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
