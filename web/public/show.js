// The screen in the room: asks for the code of the moment, shows how many came, and says when the network is gone.
"use strict";
const $ = (id) => document.getElementById(id);
const left = $("left");
let until = 0, asking = false, lastAsked = 0;

const tell = (now) => {
  if (now.svg !== tell.svg) $("code").innerHTML = tell.svg = now.svg;
  for (const name of ["digits", "came", "expected", "closed"]) $(name).textContent = now[name];
  $("closed").hidden = !now.closed;
  $("open").hidden = !now.digits;
  $("lost").hidden = true;
  until = Date.now() + now.seconds * 1000;
};

const ask = async () => {
  if (asking) return;
  asking = true;
  lastAsked = Date.now();
  try {
    const answer = await fetch(document.body.dataset.now, { cache: "no-store", signal: AbortSignal.timeout(8000) });
    if (!answer.ok) throw new Error(String(answer.status));
    tell(await answer.json());
  } catch {
    $("lost").hidden = false;
  }
  asking = false;
};

setInterval(() => {
  const rest = until - Date.now();
  left.style.width = `${Math.max(0, Math.min(100, rest / 10 / left.dataset.step))}%`;
  if (rest <= 0 || Date.now() - lastAsked >= 5000) ask();
}, 1000);
ask();
