--- Counters and a latency histogram of one or several clients, in memory and bounded.
--
--   local metrics = webpubsub.metrics()
--   local hub = assert(webpubsub.client { …, metrics = metrics })
--   metrics:prometheus() → text exposition format, version 0.0.4
--
-- Names and labels follow OpenTelemetry's conventions for HTTP clients, written as Prometheus writes them.

local keys = require "webpubsub.keys"
local options = require "webpubsub.options"

local metrics = {}
metrics.__index = metrics

--- Upper bounds in seconds, as OpenTelemetry's conventions advise for http.client.request.duration.
local bounds = { 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10 }

local schema = { max_series = { type = "number", integer = true, minimum = 1, maximum = 1000000, default = 1000 } }

local escapes = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

local function labels(pairs_of)
  local parts = {}
  for i = 1, #pairs_of, 2 do
    parts[#parts + 1] = ('%s="%s"'):format(pairs_of[i], (tostring(pairs_of[i + 1]):gsub('[\\"\n]', escapes)))
  end
  return table.concat(parts, ",")
end

--- The series of a family with these labels, made on first use; nil when there are too many.
local function series_of(self, family, given, make)
  local name = labels(given)
  local found = family[name]
  if not found and self.series < self.max_series then
    found = make()
    family[name] = found
    self.series = self.series + 1
  elseif not found then
    self.dropped = self.dropped + 1
  end
  return found
end

local function new_counter()
  return { value = 0 }
end

local function new_histogram()
  local made = { count = 0, sum = 0 }
  for i = 1, #bounds do
    made[i] = 0
  end
  return made
end

local function status_label(status)
  return (status and status >= 100 and status <= 599) and status or "other"
end

--- For the exchange: an attempt has ended. event: as the hooks get it, with duration and the status or error type.
function metrics:attempt(event)
  local seconds = event.duration
  local given = {
    "http_request_method",
    event["http.request.method"],
    "operation",
    event.operation,
    "server_address",
    event["server.address"],
    "server_port",
    event["server.port"],
  }
  local status = event["http.response.status_code"]
  given[#given + 1] = status and "http_response_status_code" or "error_type"
  given[#given + 1] = status and status_label(status) or event["error.type"]
  local histogram = series_of(self, self.durations, given, new_histogram)
  if not histogram then
    return
  end
  histogram.count, histogram.sum = histogram.count + 1, histogram.sum + seconds
  for i, bound in ipairs(bounds) do
    if seconds <= bound then
      histogram[i] = histogram[i] + 1
    end
  end
end

local function count(self, family, given)
  local counter = series_of(self, family, given, new_counter)
  if counter then
    counter.value = counter.value + 1
  end
end

--- For the exchange: an attempt follows a failed one.
function metrics:retry(event)
  count(self, self.retries, { "operation", event.operation, "error_type", event["error.type"] })
end

--- For the exchange: a call has failed for good.
function metrics:failure(event)
  count(self, self.failures, { "operation", event.operation, "outcome", event.outcome })
end

local function head(lines, name, kind, help)
  lines[#lines + 1] = ("# HELP %s %s"):format(name, help)
  lines[#lines + 1] = ("# TYPE %s %s"):format(name, kind)
end

--- Numbers in the way of C, whatever the locale says.
local function number(value)
  return (("%.9g"):format(value):gsub(",", "."))
end

local function write_histograms(lines, name, family)
  for _, given in ipairs(keys.sorted(family)) do
    local histogram = family[given]
    for i, bound in ipairs(bounds) do
      lines[#lines + 1] = ('%s_bucket{%s,le="%s"} %d'):format(name, given, number(bound), histogram[i])
    end
    lines[#lines + 1] = ('%s_bucket{%s,le="+Inf"} %d'):format(name, given, histogram.count)
    lines[#lines + 1] = ("%s_sum{%s} %s"):format(name, given, number(histogram.sum))
    lines[#lines + 1] = ("%s_count{%s} %d"):format(name, given, histogram.count)
  end
end

local function write_counters(lines, name, family)
  for _, given in ipairs(keys.sorted(family)) do
    lines[#lines + 1] = ("%s{%s} %d"):format(name, given, family[given].value)
  end
end

--- Everything counted so far, in Prometheus' text format.
function metrics:prometheus()
  local lines = {}
  head(lines, "http_client_request_duration_seconds", "histogram", "Duration of one attempt of a call.")
  write_histograms(lines, "http_client_request_duration_seconds", self.durations)
  head(lines, "webpubsub_client_retries_total", "counter", "Attempts after a failed one, by how that failed.")
  write_counters(lines, "webpubsub_client_retries_total", self.retries)
  head(lines, "webpubsub_client_failures_total", "counter", "Calls that failed, by what is known of their delivery.")
  write_counters(lines, "webpubsub_client_failures_total", self.failures)
  head(lines, "webpubsub_client_series_dropped_total", "counter", "Values that found no place under max_series.")
  lines[#lines + 1] = ("webpubsub_client_series_dropped_total %d"):format(self.dropped)
  return table.concat(lines, "\n") .. "\n"
end

function metrics:__tostring()
  return ("webpubsub.metrics(%d series)"):format(self.series)
end

--- new { max_series = 1000 } → metrics. Mistakes raise.
function metrics.new(given)
  local read, err = options.read(schema, given or {}, "webpubsub.metrics")
  if not read then
    return nil, err
  end
  return setmetatable(
    { max_series = read.max_series, series = 0, dropped = 0, durations = {}, retries = {}, failures = {} },
    metrics
  )
end

--- Whether a client can count in it.
function metrics.is(value)
  return getmetatable(value) == metrics
end

return metrics
