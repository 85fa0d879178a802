// The theme opens its menus by a click on elements that the keyboard passes over: let it reach them.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
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
});
