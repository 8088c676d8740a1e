-- Faults of a server, and what a call has to make of each: { name, answer of the recorder, how a send ends, how an
-- idempotent call ends, options }. An end is { requests recorded, attempts counted, outcome, code }; "ok" is success.
-- Rules: README and docs/delivery.md; Retry-After: RFC 9110 (10.2.3) and Azure's milliseconds; HEAD: RFC 9110 (9.3.2).

local recorder = require "spec.support.recorder"

local response = recorder.response

local faults = { retries = 2 }

local tries = faults.retries + 1

local function once(outcome, code)
  return { 1, 1, outcome, code }
end

local function always(outcome, code)
  return { tries, tries, outcome, code }
end

--- Nobody knows what became of the request.
local function unknown(name, answer, code)
  return { name, answer, once("maybe_sent", code), always("maybe_sent", code) }
end

--- Sure not to have been processed, or sure that trying again cannot help: the same for every call.
local function same(name, answer, ending)
  return { name, answer, ending, ending }
end

--- As `unknown`, but the server reads nothing.
local function unread(name, answer)
  local row = unknown(name, answer, "connection_lost")
  row[3][1], row[4][1] = 0, 0
  return row
end

--- A fault of the body alone: an answer to HEAD ends with its head, whatever that announces.
local function of_the_body(row)
  row.head = "ok"
  return row
end

-- A HEAD leaves what follows its answer unread, so no other request may go over that connection.
local half_a_head = "HTTP/1.1 200 OK\r\nX-Half: 1\r\nX-"
local half_a_body = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf"
local huge = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2147483648\r\n\r\nx"

faults.list = {
  unknown("500", response(500), "service_error"),
  unknown("503", response(503), "service_error"),
  unknown("503 with Retry-After", response(503, "Retry-After: 0\r\n"), "service_error"),
  unknown("408", response(408), "timeout"),
  same("400", response(400), once("rejected", "bad_request")),
  same("401 without a date", response(401), once("rejected", "unauthorized")),
  same("429", response(429), always("rejected", "throttled")),
  same("429 with Retry-After", response(429, "Retry-After: 0\r\n"), always("rejected", "throttled")),
  same(
    "429 with retry-after-ms",
    response(429, "retry-after-ms: 5\r\nRetry-After: 1000\r\n"),
    always("rejected", "throttled")
  ),
  same(
    "429 with a Retry-After beyond the deadline",
    response(429, "Retry-After: 1000\r\n"),
    once("rejected", "throttled")
  ),
  unread("a cut before the request is read", "drop"),
  unread("a reset before the request is read", "unread"),
  unknown("a cut after the body", "close", "connection_lost"),
  unknown("a reset after the body", recorder.reset "", "connection_lost"),
  unknown("a cut inside the answer's head", recorder.cut(half_a_head), "connection_lost"),
  unknown("a reset inside the answer's head", recorder.reset(half_a_head), "connection_lost"),
  of_the_body(unknown("a cut inside the answer's body", recorder.cut(half_a_body), "connection_lost")),
  of_the_body(unknown("a reset inside the answer's body", recorder.reset(half_a_body), "connection_lost")),
  of_the_body(same("an answer of 2 GB", huge, once("maybe_sent", "response_too_large"))),
  { "a stall", "hang", once("maybe_sent", "timeout"), once("maybe_sent", "timeout"), timeout = 0.2 },
}

return faults
