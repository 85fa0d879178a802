// Sends each chosen file by itself and shows how far it is. Without this script the form sends all of them at once.
"use strict";

const form = document.getElementById("upload");
const input = form.querySelector("input[type=file]");
const list = document.getElementById("uploads");
const AT_ONCE = 2;
let waiting = [];
let running = 0;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function row(file) {
  const bar = element("progress", { max: file.size || 1, value: 0 });
  bar.setAttribute("aria-label", `Upload of ${file.name}`);
  const says = element("span", { className: "g-quiet", textContent: "waits" });
  const result = element("div");
  const item = element("li", { className: "g-card" });
  item.append(element("p", {}, element("strong", { textContent: file.name }), " ", says), bar, result);
  list.prepend(item);
  return { bar, says, result };
}

function send(file, shown, fields) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  data.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.upload.onprogress = (event) => {
    shown.bar.value = event.total ? (event.loaded / event.total) * shown.bar.max : 0;
    shown.says.textContent = "is being sent";
  };
  request.onload = () => {
    shown.bar.remove();
    shown.says.remove();
    if (request.responseURL !== form.action || request.status === 403) {
      failed(shown, "You have been logged out. Please log in and upload the file again.");
    } else if ((request.getResponseHeader("Content-Type") || "").startsWith("text/html") && request.status < 500) {
      shown.result.innerHTML = request.responseText; // made by this site's own templates, which escape
      window.htmx.process(shown.result); // asks for the state until the work is done
    } else {
      failed(shown, `The server refused the file (status ${request.status}).`);
    }
  };
  request.onerror = () => {
    shown.bar.remove();
    failed(shown, "The connection was lost. Please upload the file again.");
  };
  request.onloadend = () => {
    running -= 1;
    next();
  };
  request.send(data);
}

function failed(shown, text) {
  shown.says.textContent = "";
  shown.result.replaceChildren(element("div", { className: "g-note g-note-danger", role: "alert", textContent: text }));
}

function next() {
  while (running < AT_ONCE && waiting.length) {
    running += 1;
    const [file, shown, fields] = waiting.shift();
    send(file, shown, fields);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = [...new FormData(form)].filter(([name]) => name !== input.name);
  for (const file of input.files) waiting.push([file, row(file), fields]);
  input.value = "";
  describe();
  next();
});

// The input itself takes files that are dropped on it; the area around it makes it larger.
const area = element("label", { className: "g-drop" });
const chosen = element("span", { className: "g-quiet" });
input.before(area);
area.append(element("strong", { textContent: "Drop files here, or choose them" }), input, chosen);
for (const kind of ["dragenter", "dragover"]) {
  area.addEventListener(kind, (event) => {
    event.preventDefault();
    area.classList.add("g-over");
  });
}
for (const kind of ["dragleave", "drop"]) area.addEventListener(kind, () => area.classList.remove("g-over"));
area.addEventListener("drop", (event) => {
  event.preventDefault();
  input.files = event.dataTransfer.files;
  describe();
});

function describe() {
  const names = [...input.files].map((file) => file.name);
  chosen.textContent = names.length > 1 ? `${names.length} files: ${names.join(", ")}` : "";
}
input.addEventListener("change", describe);
