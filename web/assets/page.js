// Adds to pages what they can do without: news of a request, the sending of files, a question before typed text is lost,
// and a form that stays as it is while no server answers.
"use strict";

function follow(place) {
  const news = place.querySelector("[data-news]");
  const source = new EventSource(place.dataset.events);
  source.addEventListener("request", (event) => {
    let version;
    try { version = JSON.parse(event.data).version; } catch { return; }
    if (version !== undefined && String(version) !== place.dataset.version) {
      news.hidden = false;
      source.close();
    }
  });
}

// A form that is sent to a server that is down is lost in the browser's own page: so it is asked first whether there is one.
const SILENT = "The server does not answer, so nothing was sent and nothing recorded. What you typed is still here: keep this page open, and press again in a minute.";

function knock(form) {
  const trouble = document.createElement("p");
  trouble.className = "notice bad";
  trouble.setAttribute("role", "alert");
  trouble.textContent = SILENT;
  let isAnswered = false;
  form.addEventListener("submit", (event) => {
    if (isAnswered) return;
    const button = event.submitter;
    event.preventDefault();
    event.stopImmediatePropagation();
    fetch("/livez", { cache: "no-store" }).then((answer) => answer.ok, () => false).then((isAlive) => {
      trouble.remove();
      if (!isAlive) {
        form.prepend(trouble);
        return;
      }
      isAnswered = true;
      form.requestSubmit(button);
      isAnswered = false;
    });
  });
}

function guard(form) {
  let isDirty = false;
  form.addEventListener("input", () => { isDirty = true; });
  form.addEventListener("submit", (event) => { isDirty = event.defaultPrevented && isDirty; });
  window.addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });
}

function chosen(form) {
  const fields = [...form.querySelectorAll("[data-files]")];
  return fields.flatMap((field) => [...field.files]).map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

function put(ticket, file, tell) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("PUT", ticket.url);
    call.upload.onprogress = (event) => tell(event.loaded);
    call.onload = () => (call.status < 300 ? resolve() : reject(new Error(`“${ticket.path}” was not taken (${call.status}).`)));
    call.onerror = () => reject(new Error(`“${ticket.path}” could not be sent: the connection broke.`));
    call.send(file);
  });
}

async function announce(form, files) {
  const answer = await fetch(form.dataset.upload, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      project: form.querySelector("[data-project]").value,
      call: form.elements.call.value,
      files: files.map(({ file, path }) => ({ path, size: file.size })),
    }),
  }).catch(() => { throw new Error("The server does not answer."); });
  if (!answer.ok) throw new Error("The upload could not begin. Load the page again and repeat it.");
  const told = await answer.json();
  if (told.refused) throw new Error(told.refused);
  return told;
}

async function send(form) {
  const files = chosen(form);
  if (files.length === 0) throw new Error("Choose at least one file. What you typed is kept.");
  const told = await announce(form, files);
  const byPath = new Map(files.map(({ file, path }) => [path, file]));
  const place = form.querySelector("[data-progress]");
  const bar = place.querySelector("progress");
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  let sent = 0;
  place.hidden = false;
  bar.max = Math.max(total, 1);
  for (const [number, ticket] of told.tickets.entries()) {
    place.querySelector("[role=status]").textContent = `File ${number + 1} of ${told.tickets.length}`;
    const file = byPath.get(ticket.path);
    if (!file) throw new Error(`“${ticket.path}” is not among the chosen files.`);
    await put(ticket, file, (bytes) => { bar.value = sent + bytes; });
    sent += file.size;
    bar.value = sent;
  }
  form.elements.upload.value = told.upload;
}

// The bytes are there: what is left of the form says so.
function hand(form, button) {
  for (const field of form.querySelectorAll("[data-files]")) field.disabled = true;
  form.enctype = "application/x-www-form-urlencoded";
  button.disabled = false;
  form.requestSubmit(button);
}

function upload(form) {
  const trouble = form.querySelector("[data-trouble]");
  const button = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    if (form.elements.upload.value) return;
    event.preventDefault();
    trouble.hidden = true;
    button.disabled = true;
    send(form).then(() => hand(form, button), (error) => {
      trouble.textContent = `${error.message} Nothing was submitted.`;
      trouble.hidden = false;
      button.disabled = false;
      form.elements.call.value = crypto.randomUUID ? crypto.randomUUID() : String(Date.now());
    });
  });
}

document.documentElement.classList.add("has-script");
// Whole folders are what browsers can do and HTML does not know.
document.querySelectorAll("[data-folder]").forEach((field) => { field.webkitdirectory = true; });
document.querySelectorAll("[data-events]").forEach(follow);
document.querySelectorAll("form[method=post]").forEach(knock);
document.querySelectorAll("[data-upload]").forEach(upload);
document.querySelectorAll("[data-guard]").forEach(guard);
