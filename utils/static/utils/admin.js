// Mends what the theme's script does to pages that are not its own, and to those who use no mouse.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("main")?.setAttribute("role", "main");
  // It opens menus by a click on elements that the keyboard passes over.
  for (const opener of document.querySelectorAll("#page [x-on\\:click]:not(a, button, input, select, textarea)")) {
    opener.tabIndex = 0;
    opener.setAttribute("role", "button");
    if (opener.textContent.trim() === "dock_to_right") opener.setAttribute("aria-label", "Navigation");
    opener.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      opener.click();
    });
  }
  // Whoever has been logged out meanwhile sees the log-in, not a part of it within the page.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.xhr.responseURL.includes("/login/")) return;
    event.detail.shouldSwap = false;
    window.location.reload();
  });
  // It writes the name of a chosen file into the next text field, unless it thinks that it has been here already.
  for (const input of document.querySelectorAll(".g-page input[type=file]")) input.hasChangeListener = true;
});
