// Buttons that show a typed secret and hide it again.

/** Take care of every such button below `root`: `data-show-secret` names the field. */
export function careForSecrets(root) {
  for (const button of root.querySelectorAll("[data-show-secret]")) {
    const field = document.getElementById(button.dataset.showSecret);
    button.addEventListener("click", () => {
      const isShown = field.type === "text";
      field.type = isShown ? "password" : "text";
      button.textContent = isShown ? "显示" : "隐藏";
      button.setAttribute("aria-pressed", String(!isShown));
    });
  }
}
