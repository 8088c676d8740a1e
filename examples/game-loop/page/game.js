"use strict";
const $ = (id) => document.getElementById(id);
const colours = ["#8aa2ff", "#ffb35c", "#6fdc9a", "#ff8fb1", "#c39bff", "#5fd7e6", "#f0e16b", "#ff7d6e"];
const scale = 2;
const longestPause = 5000;
let name;
let socket;
let pause = 250;
let ackId = 0;
let ownId;
let before;
let latest;
let latestAt = 0;
const wish = { dx: 0, dy: 0 };

function showStatus(text, on) {
  $("status").textContent = text;
  $("status").className = on ? "on" : "";
}

async function connect() {
  showStatus("connecting", false);
  try {
    const response = await fetch(`/negotiate?name=${encodeURIComponent(name)}`);
    const answer = await response.json();
    if (!response.ok) return leave(answer.error);
    socket = new WebSocket(answer.url, "json.webpubsub.azure.v1");
    socket.onmessage = ({ data }) => receive(JSON.parse(data));
    socket.onclose = again;
  } catch {
    again();
  }
}

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
    ownId = message.connectionId;
    pause = 250;
    showStatus("connected", true);
  } else if (message.type === "message" && message.from === "group") {
    before = latest;
    latest = message.data;
    latestAt = performance.now();
    showScores(Array.from(latest.players));
  }
}

// Names go in as text: none of them is ever markup.
function showScores(players) {
  $("scores").replaceChildren(
    ...players.map((player) => {
      const line = document.createElement("li");
      line.textContent = `${player.name} ${player.score}`;
      line.style.color = colours[player.colour];
      line.dataset.x = player.x;
      line.dataset.own = player.id === ownId;
      return line;
    }),
  );
}

function steer() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  ackId += 1;
  socket.send(JSON.stringify({ type: "event", event: "steer", dataType: "json", data: wish, ackId }));
}
setInterval(steer, 1000); // also says that we are still here

function turn(change) {
  const [dx, dy] = [wish.dx, wish.dy];
  Object.assign(wish, change);
  if (wish.dx !== dx || wish.dy !== dy) steer();
}

const arrows = { ArrowLeft: { dx: -1 }, ArrowRight: { dx: 1 }, ArrowUp: { dy: -1 }, ArrowDown: { dy: 1 } };
const released = (change) => ("dx" in change ? { dx: 0 } : { dy: 0 });
addEventListener("keydown", (event) => {
  if (arrows[event.key] && !$("room").hidden) {
    event.preventDefault();
    turn(arrows[event.key]);
  }
});
addEventListener("keyup", (event) => arrows[event.key] && turn(released(arrows[event.key])));
for (const button of document.querySelectorAll("nav button")) {
  const change = button.dataset.dx ? { dx: Number(button.dataset.dx) } : { dy: Number(button.dataset.dy) };
  button.onpointerdown = () => turn(change);
  button.onpointerup = button.onpointerleave = () => turn(released(change));
}

// Between two states of the server a player glides.
function place(player, share) {
  const was = before?.players && Array.from(before.players).find(({ id }) => id === player.id);
  if (!was) return [player.x, player.y];
  return [was.x + (player.x - was.x) * share, was.y + (player.y - was.y) * share];
}

function circle(context, x, y, radius, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x * scale, y * scale, radius * scale, 0, 2 * Math.PI);
  context.fill();
}

function draw() {
  requestAnimationFrame(draw);
  if (!latest) return;
  const context = $("field").getContext("2d");
  const share = Math.min(1, (performance.now() - latestAt) / 50);
  context.clearRect(0, 0, 640, 400);
  circle(context, latest.coin.x, latest.coin.y, 5, "#ffd54a");
  context.font = "16px system-ui";
  context.textAlign = "center";
  for (const player of Array.from(latest.players)) {
    const [x, y] = place(player, share);
    circle(context, x, y, 8, colours[player.colour]);
    context.fillText(player.name, x * scale, (y - 12) * scale);
  }
}
draw();

$("enter").onsubmit = (event) => {
  event.preventDefault();
  name = $("name").value.trim();
  if (!name) return;
  $("refusal").textContent = "";
  $("enter").hidden = true;
  $("room").hidden = false;
  connect();
};
