--- The page's script. It writes text nodes only, never markup: nothing that a client sends can become HTML.
return [=[
"use strict";
const token = document.querySelector("meta[name=emulator-page]").content;
const byId = (id) => document.getElementById(id);
const longest = { journal: 300, heard: 100, text: 4000 };
let socket = null, last = 0, paused = false, waiting = [];

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const shortened = (text) => text.length > longest.text ? text.slice(0, longest.text) + " …" : text;
const clock = (time) => new Date(time * 1000).toTimeString().slice(0, 8);

async function call(method, path, body) {
  const answer = await fetch("/_emulator/" + path, {
    method, headers: { "X-Emulator-Page": token }, body: body && JSON.stringify(body), cache: "no-store",
  });
  if (!answer.ok) {
    const failure = await answer.json().catch(() => null);
    throw new Error(failure && failure.message || "The emulator answered " + answer.status + "; reload the page.");
  }
  return answer.status === 200 ? answer.json() : null;
}

// Only so many lines are kept, whatever passes.
function prepend(list, line, limit) {
  list.prepend(line);
  while (list.childElementCount > limit) list.lastElementChild.remove();
}

function target(entry) {
  const names = { all: "everybody", group: "group ", user: "user ", connection: "connection " };
  return entry.to === "all" ? names.all : (names[entry.to] || "") + (entry.name || entry.group || "");
}

function dataText(entry) {
  return shortened(typeof entry.data === "string" ? entry.data : JSON.stringify(entry.data));
}

function describe(entry) {
  if (entry.kind === "message") {
    const from = entry.fromUserId ? "from " + entry.fromUserId : entry.from === "server" ? "from the server" : "";
    return ["message", "message", `${entry.hub} → ${target(entry)}`, `${from} · ${entry.dataType} · ${entry.count} reached`];
  } else if (entry.kind === "request") {
    const status = entry.status || "no answer";
    return ["request" + (entry.status < 300 && entry.status ? "" : " failed"), entry.method, `${status} ${entry.target}`,
      entry.fault ? "fault " + entry.fault : ""];
  } else if (entry.kind === "event") {
    return ["message", "event", `${entry.hub} · ${entry.name}`, `from ${entry.userId || entry.connectionId} · ${entry.dataType}`];
  }
  return ["client", entry.kind, entry.group || entry.hub, entry.userId ? `${entry.userId} · ${entry.connectionId}` : entry.connectionId];
}

function showEntry(entry) {
  const [kind, tag, what, who] = describe(entry);
  const line = element("li", kind, element("span", "time", clock(entry.time)), element("span", "tag", tag), " ",
    element("span", "what", shortened(what)), " ", element("span", "who", shortened(who)));
  if (entry.data !== undefined) line.append(element("pre", "", dataText(entry)));
  line.hidden = isHidden(line);
  prepend(byId("journal"), line, longest.journal);
}

function isHidden(line) {
  return line.classList.contains("request") && !byId("show-requests").checked
    || line.classList.contains("client") && !byId("show-clients").checked;
}

function take(entries) {
  waiting.push(...entries);
  waiting = waiting.slice(-longest.journal);
  if (paused) return;
  for (const entry of waiting) showEntry(entry);
  waiting = [];
}

function connectionRow(one) {
  const more = one.groupCount > one.groups.length ? " …" : "";
  return element("tr", "", element("td", "", one.userId || "anonymous"), element("td", "", one.connectionId),
    element("td", "", one.groups.join(", ") + more));
}

function hubDetails(hub, open) {
  const head = element("tr", "", ...["User", "Connection", "Groups"].map((text) => {
    const cell = element("th", "", text);
    cell.scope = "col";
    return cell;
  }));
  const groups = hub.groups.map((one) => element("li", "", `${one.name} · ${one.connections}`));
  const details = element("details", "", element("summary", "", `${hub.name}: ${hub.connectionCount} connected, ${hub.groupCount} groups`),
    element("ul", "chips", ...groups),
    element("table", "", element("thead", "", head), element("tbody", "", ...hub.connections.map(connectionRow))));
  details.dataset.hub = hub.name;
  details.open = open;
  return details;
}

let shown = "";
function showOverview(overview) {
  const text = JSON.stringify(overview);
  if (text === shown) return;
  shown = text;
  const place = byId("there");
  const closed = new Set([...place.querySelectorAll("details:not([open])")].map((one) => one.dataset.hub));
  const hubs = overview.hubs.map((hub) => hubDetails(hub, !closed.has(hub.name)));
  place.replaceChildren(...(hubs.length ? hubs : [element("p", "empty", "Nobody is connected.")]));
}

function setLive(text, off) {
  if (byId("live").textContent !== text) byId("live").textContent = text;
  byId("live").classList.toggle("off", off);
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function follow() {
  for (;;) {
    try {
      showOverview(await call("GET", "overview"));
      setLive("Live at " + location.host, false);
      const page = await call("GET", `journal?after=${last}&wait=10`);
      last = page.last;
      take(page.entries);
      await pause(100);
    } catch (error) {
      setLive("Not connected to the emulator: " + error.message, true);
      await pause(2000);
    }
  }
}

function hear(kind, text) {
  prepend(byId("heard"), element("li", kind, element("span", "time", clock(Date.now() / 1000)), shortened(text)), longest.heard);
}

function setClient(text, connected) {
  byId("client-state").textContent = text;
  byId("connect").textContent = socket ? "Disconnect" : "Connect";
  for (const id of ["join", "leave"]) byId(id).disabled = !connected;
}

function onFrame(frame) {
  const message = JSON.parse(frame.data);
  if (message.type === "system" && message.event === "connected") {
    setClient(`Connected as ${message.userId || "an anonymous client"}, ${message.connectionId}`, true);
  } else if (message.type === "message") {
    const from = message.from === "group" ? `[${message.group}] ${message.fromUserId || ""}` : "[server]";
    hear("message", `${from} ${dataText(message)}`);
  } else if (message.type === "ack") {
    hear(message.success ? "client" : "failed", message.success ? "done" : `refused: ${message.error.message}`);
  } else {
    hear("client", frame.data);
  }
}

async function connect() {
  const { url } = await call("POST", "token", { hub: byId("hub").value, userId: byId("user").value });
  const opened = new WebSocket(location.protocol === "https:" ? url.replace(/^ws:/, "wss:") : url, "json.webpubsub.azure.v1");
  socket = opened;
  setClient("Connecting", false);
  opened.onmessage = onFrame;
  opened.onclose = (event) => {
    if (socket !== opened) return;
    socket = null;
    setClient(`Not connected (closed with ${event.code}${event.reason ? ": " + event.reason : ""})`, false);
  };
}

let ackId = 0;
function request(fields) {
  if (!socket || socket.readyState !== WebSocket.OPEN) throw new Error("Connect the client first.");
  ackId += 1;
  socket.send(JSON.stringify({ ...fields, ackId }));
}

function sendMessage() {
  const type = byId("type").value, data = byId("message").value, sender = byId("sender").value;
  if (sender === "client") {
    return request({ type: "sendToGroup", group: byId("group").value, dataType: type, data: type === "json" ? JSON.parse(data) : data });
  }
  const name = sender === "group" ? byId("group").value : byId("target").value;
  return call("POST", "send", { hub: byId("hub").value, to: sender, name, dataType: type, data });
}

function on(id, event, action) {
  byId(id).addEventListener(event, async (given) => {
    given.preventDefault();
    try {
      await action();
    } catch (error) {
      hear("failed", error.message);
    }
  });
}

on("connect-form", "submit", () => socket ? socket.close(1000) : connect());
on("join-form", "submit", () => request({ type: "joinGroup", group: byId("group").value }));
on("leave", "click", () => request({ type: "leaveGroup", group: byId("group").value }));
on("send-form", "submit", sendMessage);
on("sender", "change", () => {
  byId("target-label").hidden = !["user", "connection"].includes(byId("sender").value);
});
on("clear", "click", () => byId("journal").replaceChildren());
on("pause", "click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  byId("pause").textContent = paused ? "Go on" : "Pause";
  take([]);
});
for (const id of ["show-requests", "show-clients"]) {
  byId(id).addEventListener("change", () => {
    for (const line of byId("journal").children) line.hidden = isHidden(line);
  });
}
follow();
]=]
