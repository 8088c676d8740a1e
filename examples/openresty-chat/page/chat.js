"use strict";
// All text from others goes in as textContent: none of it is ever markup.
const $ = (id) => document.getElementById(id);
const longestPause = 5000;
let name;
let socket;
let pause = 250;
let ackId = 0;
let hinted = 0;
let seen = new Set();
const typers = new Map();

function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function showMessage(message) {
  if (seen.has(message.id)) return;
  seen.add(message.id);
  const line = element("li", "", message.from === name ? "mine" : "");
  const clock = new Date(message.time * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  line.append(element("small", `${message.from} · ${clock}`), element("span", message.text));
  $("messages").append(line);
  line.scrollIntoView({ block: "end" });
  typers.delete(message.from);
  showTyping();
}

function showTyping() {
  const now = Date.now();
  for (const [who, until] of typers) if (until <= now) typers.delete(who);
  const names = [...typers.keys()];
  $("typing").textContent = names.length ? `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing …` : "";
}
setInterval(showTyping, 500);

const kinds = {
  message: showMessage,
  presence: ({ names }) => $("people").replaceChildren(...names.map((each) => element("li", each))),
  typing: ({ from }) => {
    typers.set(from, Date.now() + 2500);
    showTyping();
  },
};

function showStatus(text, on) {
  $("status").textContent = text;
  $("status").className = on ? "on" : "";
}

async function negotiate() {
  const response = await fetch(`/negotiate?name=${encodeURIComponent(name)}`);
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { refused: response.status < 500 });
  return answer;
}

async function connect() {
  showStatus("connecting", false);
  try {
    const { url, history } = await negotiate();
    history.forEach(showMessage);
    socket = new WebSocket(url, "json.webpubsub.azure.v1");
    socket.onmessage = ({ data }) => receive(JSON.parse(data));
    socket.onclose = again;
  } catch (error) {
    if (error.refused) return leave(error.message);
    again();
  }
}

// Waits twice as long each time, and not all pages at once.
function again() {
  showStatus("reconnecting", false);
  setTimeout(connect, pause * (0.5 + Math.random()));
  pause = Math.min(longestPause, pause * 2);
}

function leave(reason) {
  $("refusal").textContent = reason;
  $("room").hidden = true;
  $("enter").hidden = false;
}

function receive(message) {
  if (message.type === "system" && message.event === "connected") {
    pause = 250;
    showStatus("connected", true);
  } else if (message.type === "message" && message.from === "group") {
    kinds[message.data.kind]?.(message.data);
  }
}

function send(event, data) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  ackId += 1;
  socket.send(JSON.stringify({ type: "event", event, dataType: "json", data, ackId }));
  return true;
}

$("enter").onsubmit = (event) => {
  event.preventDefault();
  name = $("name").value.trim();
  if (!name) return;
  $("refusal").textContent = "";
  $("enter").hidden = true;
  $("room").hidden = false;
  $("text").focus();
  connect();
};

$("say").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || !send("say", { text })) return;
  $("text").value = "";
  hinted = 0;
};

$("text").oninput = () => {
  if (Date.now() - hinted < 1500) return;
  hinted = Date.now();
  send("typing", {});
};
