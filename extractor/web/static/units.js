// 单位: which of the ticked units the others become part of is chosen among them.

import "./undo.js";

const form = document.getElementById("merge");
if (form) {
  const boxes = [...document.querySelectorAll('input[name="unit"]')];
  const keep = document.getElementById("keep");
  const tell = () => {
    const ticked = boxes.filter((box) => box.checked);
    const before = keep.value;
    keep.replaceChildren(...ticked.map((box) => new Option(box.dataset.name, box.value)));
    if (!ticked.length) keep.append(new Option("勾选的第一个", ""));
    if (ticked.some((box) => box.value === before)) keep.value = before;
    document.getElementById("chosen").textContent = `已勾选 ${ticked.length} 个`;
    document.getElementById("merge-button").disabled = ticked.length < 2;
    form.classList.toggle("some", ticked.length > 0);
    for (const box of boxes) box.closest("tr").classList.toggle("chosen", box.checked);
  };
  for (const box of boxes) box.addEventListener("change", tell);
  form.addEventListener("submit", (event) => {
    const count = boxes.filter((box) => box.checked).length;
    if (!window.confirm(`确定把 ${count} 个单位合为“${keep.selectedOptions[0].textContent}”？`)) event.preventDefault();
  });
  tell();
}
