-- What clients count, read as Prometheus' text format 0.0.4 is defined.

local recorder = require "spec.support.recorder"
local webpubsub = require "webpubsub"

--- Text exposition → { type by family }, { value by "name{labels}" }. Raises on a line that the format does not have.
local function parse(text)
  assert(text:sub(-1) == "\n")
  local types, values = {}, {}
  for line in text:gmatch "([^\n]*)\n" do
    local family, kind = line:match "^# TYPE ([%a_:][%w_:]*) (%l+)$"
    local name, labels, value = line:match "^([%a_:][%w_:]*)(%b{}) (%S+)$"
    if not name then
      name, value = line:match "^([%a_:][%w_:]*) (%S+)$"
      labels = ""
    end
    if family then
      types[family] = kind
    elseif name then
      for label in labels:sub(2, -2):gmatch '[^,]+="[^"]*"' do
        assert(label:find '^,?[%a_][%w_]*="', label)
      end
      values[name .. labels] = assert(tonumber(value), line)
    else
      assert(line:find "^# HELP ", line)
    end
  end
  return types, values
end

describe("metrics", function()
  local server

  after_each(function()
    server:stop()
  end)

  local function hub_counting(metrics, answers)
    server = recorder.start(answers)
    return assert(webpubsub.client {
      endpoint = server.endpoint,
      hub = "chat",
      credential = "k",
      proxy = false,
      retry_backoff_factor = 0.001,
      metrics = metrics,
    })
  end

  local function series(name, status)
    local call = 'http_request_method="POST",operation="send_to_all"'
    return ('%s{%s,server_address="127.0.0.1",server_port="%d",%s'):format(name, call, server.port, status)
  end

  it("count attempts, retries and failures, with buckets that add up", function()
    local metrics = webpubsub.metrics()
    local busy = recorder.response(429, "retry-after-ms: 1\r\n")
    local hub = hub_counting(metrics, { busy, busy, recorder.accepted, recorder.response(500), "close" })
    assert(hub:send_to_all "a")
    assert.is_nil((hub:send_to_all "b"))
    assert.is_nil((hub:send_to_all "c"))
    local types, values = parse(metrics:prometheus())
    local name = "http_client_request_duration_seconds"
    assert.equal("histogram", types[name])
    assert.equal(2, values[series(name .. "_count", 'http_response_status_code="429"}')])
    assert.equal(1, values[series(name .. "_count", 'http_response_status_code="202"}')])
    assert.equal(1, values[series(name .. "_count", 'http_response_status_code="500"}')])
    assert.equal(1, values[series(name .. "_count", 'error_type="connection_lost"}')])
    assert.is_true(values[series(name .. "_sum", 'http_response_status_code="429"}')] > 0)
    local before = 0
    for _, bound in ipairs { "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "10", "+Inf" } do
      local label = ('http_response_status_code="429",le="%s"}'):format(bound)
      local count = assert(values[series(name .. "_bucket", label)], bound)
      assert.is_true(count >= before)
      before = count
    end
    assert.equal(2, before)
    assert.equal(2, values['webpubsub_client_retries_total{operation="send_to_all",error_type="429"}'])
    assert.equal(2, values['webpubsub_client_failures_total{operation="send_to_all",outcome="maybe_sent"}'])
    assert.equal(0, values.webpubsub_client_series_dropped_total)
  end)

  it("keep no more series than they may, and count what found no place", function()
    local metrics = webpubsub.metrics { max_series = 1 }
    local hub = hub_counting(metrics, { recorder.accepted })
    assert(hub:send_to_all "a")
    assert(hub:send_to_user("ann", "b"))
    local _, values = parse(metrics:prometheus())
    assert.equal(1, values.webpubsub_client_series_dropped_total)
    assert.equal("webpubsub.metrics(1 series)", tostring(metrics))
  end)

  it("of somebody else's making are refused", function()
    server = recorder.start()
    local given = { endpoint = server.endpoint, hub = "chat", credential = "k", metrics = {} }
    local ok, err = pcall(webpubsub.client, given)
    assert.is_false(ok)
    assert.matches("metrics must come from webpubsub.metrics%(%)", err)
  end)
end)
