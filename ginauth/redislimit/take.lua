-- Takes an attempt from each bucket that has one, as Rule.Take of package ratelimit does.
-- ARGV: the time, the attempt, and for each key: open and latest for the time 0, attempts, step, delay, longest delay.
local now, by, out = tonumber(ARGV[1]), ARGV[2], {}
for i, key in ipairs(KEYS) do
	local r = {}
	for j = 1, 6 do r[j] = tonumber(ARGV[6 * i + j - 4]) end
	local open, latest, attempts, step, delay, longest = now + r[1], now + r[2], r[3], r[4], r[5], r[6]
	local to, count, last = 0, 0, ''
	local u, c, l = string.match(redis.call('GET', key) or '', '^(%-?%d+) (%d+) (.*)$')
	if u then to, count, last = tonumber(u), tonumber(c), l end
	local wrong = to > latest
	local again = last == by -- the client library repeats a command whose response was lost
	local ok = to <= open or (delay > 0 and count < attempts) or wrong or again
	if ok and not again then
		local expires
		if delay == 0 then
			if wrong then to = open elseif to < now then to = now end
			to = to + step
			expires = to
		else
			if to < now then count = math.max(0, count - math.floor((now - to) / step)) end
			count = count + 1
			if wrong or to < now then to = now end
			if count >= attempts then
				local wait, doubled = delay, 0
				while wait < longest and doubled < count - attempts do wait, doubled = wait * 2, doubled + 1 end
				to = now + math.min(wait, longest)
				count = attempts + doubled
			end
			expires = now + longest + count * step
		end
		last = by
		-- A minute at least, since clocks differ from that of Redis.
		redis.call('SET', key, string.format('%.0f %.0f %s', to, count, last), 'PX', string.format('%.0f', math.max(60000, expires - now)))
	end
	out[i] = string.format('%d %.0f %.0f %s', ok and 1 or 0, to, count, last)
end
return out
