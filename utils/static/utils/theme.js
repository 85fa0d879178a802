/* Light, dark, or as the system has it. A classic script in the head: the page is never shown in the other one first. */
"use strict";
(() => {
  const KEY = "grounded.theme";
  const root = document.documentElement;
  const saved = localStorage.getItem(KEY);
  if (saved) root.dataset.theme = saved;
  addEventListener("click", (event) => {
    if (!event.target.closest("[data-switch-theme]")) return;
    const dark = getComputedStyle(root).colorScheme.trim() === "dark" ||
      (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem(KEY, root.dataset.theme);
  });
})();
