
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const docs = [...document.querySelectorAll(".doc")];
  const filters = [...document.querySelectorAll(".filter")];
  if (!docs.length) return;
  let doc = docs[0];
  let current = null;

  const buttons = () => [...doc.querySelectorAll(".go")];
  const visible = () => buttons().filter((button) => !button.hidden);

  function painted(mark) {
    if (!doc.marks) {
      doc.marks = new Map();
      for (const piece of doc.querySelectorAll(".m")) {
        for (const id of piece.dataset.marks.split(" ")) {
          if (!doc.marks.has(id)) doc.marks.set(id, []);
          doc.marks.get(id).push(piece);
        }
      }
    }
    return doc.marks.get(mark) || [];
  }

  function bring(element, pane) {
    const seen = element.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    if (seen.top < frame.top + 20 || seen.bottom > frame.bottom - 20) {
      pane.scrollTop += seen.top - frame.top - frame.height / 3;
    }
  }

  function select(button) {
    for (const piece of doc.querySelectorAll(".m.on, .m.within")) piece.classList.remove("on", "within");
    if (current) current.removeAttribute("aria-current");
    current = button;
    describe();
    if (!button) return;
    button.setAttribute("aria-current", "true");
    const pieces = painted(button.dataset.mark);
    // A whole paragraph is marked lightly, so that the values in it stay to be seen.
    const how = ["task", "other"].includes(button.dataset.kind) ? "within" : "on";
    for (const piece of pieces) piece.classList.add(how);
    bring(button, doc.querySelector(".found"));
    if (pieces.length) bring(pieces[0], doc.querySelector(".source"));
    if (button.id) history.replaceState(null, "", "#" + button.id);
  }

  function describe() {
    const detail = doc.querySelector(".detail");
    detail.textContent = "";
    const all = visible();
    byId("position").textContent = all.length
      ? (current ? `第 ${all.indexOf(current) + 1} / ${all.length} 处` : `共 ${all.length} 处`)
      : "没有内容";
    if (!current) {
      detail.textContent = "用 ← → 或 j k 逐条查看；点原文中的颜色也可以。";
      return;
    }
    const what = document.createElement("b");
    what.textContent = current.textContent;
    detail.append(what, current.dataset.place);
  }

  function step(by) {
    const all = visible();
    if (!all.length) return;
    const at = all.indexOf(current);
    select(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
  }

  function show(wanted) {
    if (current) select(null);
    for (const one of docs) one.hidden = one !== wanted;
    doc = wanted;
    if (byId("switch")) byId("switch").value = doc.dataset.doc;
    for (const filter of filters) {
      const count = doc.querySelectorAll(`.go[data-kind="${filter.dataset.kind}"]`).length;
      filter.querySelector("b").textContent = count;
      filter.disabled = !count;
    }
    sift();
  }

  function sift() {
    const kinds = new Set(filters.filter((f) => f.getAttribute("aria-pressed") === "true").map((f) => f.dataset.kind));
    const words = byId("find").value.trim().toLowerCase();
    for (const button of buttons()) {
      button.hidden = !kinds.has(button.dataset.kind) || !button.textContent.toLowerCase().includes(words);
    }
    for (const row of doc.querySelectorAll(".entry, .values")) {
      row.hidden = ![...row.querySelectorAll(".go")].some((button) => !button.hidden);
    }
    if (current && current.hidden) select(null);
    describe();
  }

  function open(id) {
    const button = id && byId(id);
    if (!button || !button.classList.contains("go")) return false;
    show(button.closest(".doc"));
    select(button);
    return true;
  }

  for (const filter of filters) {
    filter.addEventListener("click", () => {
      filter.setAttribute("aria-pressed", filter.getAttribute("aria-pressed") === "true" ? "false" : "true");
      sift();
    });
  }
  byId("find").addEventListener("input", sift);
  byId("next").addEventListener("click", () => step(1));
  byId("previous").addEventListener("click", () => step(-1));
  if (byId("switch")) byId("switch").addEventListener("change", (event) => show(docs[event.target.value]));
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".go");
    if (button) return select(button);
    const piece = event.target.closest(".m");
    if (!piece) return;
    const all = visible();
    for (const mark of piece.dataset.marks.split(" ")) {
      const found = all.find((one) => one.dataset.mark === mark);
      if (found) return select(found);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) return;
    const by = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1 }[event.key];
    if (by) { event.preventDefault(); step(by); }
  });
  addEventListener("hashchange", () => open(location.hash.slice(1)));

  if (!open(location.hash.slice(1)) && !open(document.body.dataset.open)) show(docs[0]);
})();
