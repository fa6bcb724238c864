-- wrk asks for the paths of a file in turn and prints one line of JSON at the end.
--
-- usage: wrk ... -s mixed.lua URL -- TOKEN PATHS [PAUSE_MS]    with a pause each connection waits between requests

local requests, at = {}, 0

function init(arguments)
  local headers = { ["Authorization"] = "Bearer " .. arguments[1] }
  for path in io.lines(arguments[2]) do
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
  local pause_ms = tonumber(arguments[3] or "0")
  if pause_ms > 0 then
    -- Spread around the mean: connections must not march in step.
    function delay() return math.random(0, 2 * pause_ms) end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"micros":%d,"bytes":%d,"refused":%d,"failed":%d,"p50_ms":%.3f,"p90_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f}',
    summary.requests, summary.duration, summary.bytes, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(90) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
