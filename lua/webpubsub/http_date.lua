--- Dates of HTTP headers (RFC 9110, 5.6.7), in all three forms that a recipient has to read.

local http_date = {}

local months = {}
for i, name in ipairs { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" } do
  months[name] = i
end

--- Days from 1970-01-01 to a day of the Gregorian calendar. For other forms of dates too.
function http_date.days(year, month, day)
  if month <= 2 then -- the year is counted from March
    year, month = year - 1, month + 12
  end
  local leap = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leap + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

local function four_digits(year)
  local number = tonumber(year)
  if #year == 4 then
    return number
  end
  return number + (number < 70 and 2000 or 1900)
end

--- day, month, year, clock time | nil.
local function split(text)
  local day, month, year, time = text:match "^%a+, (%d%d)[ -](%a%a%a)[ -](%d%d%d?%d?) (%d%d:%d%d:%d%d) GMT$"
  if not day then
    month, day, time, year = text:match "^%a%a%a (%a%a%a) ([ %d]%d) (%d%d:%d%d:%d%d) (%d%d%d%d)$"
  end
  return day, month, year, time
end

--- Epoch seconds | nil.
function http_date.read(text)
  local day, month, year, time = split(text)
  if not (day and months[month]) then
    return nil
  end
  local hours, minutes, seconds = time:match "^(%d%d):(%d%d):(%d%d)$"
  local days = http_date.days(four_digits(year), months[month], tonumber(day))
  return days * 86400 + tonumber(hours) * 3600 + tonumber(minutes) * 60 + tonumber(seconds)
end

return http_date
