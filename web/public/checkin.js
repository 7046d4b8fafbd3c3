// The door on a phone: keeps what is typed until it is noted, and sends it again where the network drops; the same sending
// carries the same word, so that it counts once.
(() => {  // the answer is written into the same window, so no name may stay behind
  "use strict";
  const done = document.querySelector("[data-done]");
  if (done) localStorage.removeItem(done.dataset.done);

  const form = document.querySelector("form[data-kept]");
  if (form) {
    const fields = [...form.querySelectorAll("input:not([type=hidden])")].filter((field) => field.name !== "code");
    const kept = JSON.parse(localStorage.getItem(form.dataset.kept) || "{}");
    for (const field of fields) if (!field.value && kept[field.name]) field.value = kept[field.name];
    form.addEventListener("input", () => {
      localStorage.setItem(form.dataset.kept, JSON.stringify(Object.fromEntries(fields.map((f) => [f.name, f.value]))));
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const body = new URLSearchParams(new FormData(form, event.submitter));
      form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
      send(body, 1);
    });
  }

  function say(which) {
    const place = document.querySelector(".waiting");
    place.textContent = place.dataset[which];
    place.hidden = false;
  }

  async function send(body, wait) {
    say(wait > 1 ? "again" : "sending");
    try {
      const answer = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(15000) });
      if (answer.status >= 502) throw new Error(String(answer.status));
      const page = await answer.text();
      document.open();
      document.write(page);
      document.close();
    } catch {
      say("again");
      setTimeout(() => send(body, Math.min(wait * 2, 15)), wait * 1000);
    }
  }
})();
