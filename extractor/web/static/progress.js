// 进展: printing, and long tables that begin folded; on paper all of it stands.

const print = document.getElementById("print");
print.hidden = false;
print.addEventListener("click", () => window.print());

for (const button of document.querySelectorAll("button.more")) {
  const rest = document.getElementById(button.dataset.rest);
  const less = button.textContent;
  const show = (open) => {
    rest.classList.toggle("folded", !open);
    button.setAttribute("aria-expanded", open);
    button.textContent = open ? less : `还有 ${rest.rows.length} 个，全部显示`;
  };
  button.hidden = false;
  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
  show(false);
}
