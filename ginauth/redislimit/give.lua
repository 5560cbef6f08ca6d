-- Takes attempts back, as Rule.Give of package ratelimit does. ARGV: the time, the attempt, and for each key: the number, step, delay.
local now, by = tonumber(ARGV[1]), ARGV[2]
for i, key in ipairs(KEYS) do
	local n, step, delay = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1]), tonumber(ARGV[3 * i + 2])
	local u, c, last = string.match(redis.call('GET', key) or '', '^(%-?%d+) (%d+) (.*)$')
	if u then
		local to, count = tonumber(u), tonumber(c)
		if delay == 0 then
			to = to - n * step
		elseif last == by then
			to, count = math.min(to, now), math.max(0, count - n)
		else
			count = math.max(0, count - 1)
		end
		redis.call('SET', key, string.format('%.0f %.0f %s', to, count, last), 'KEEPTTL')
	end
end
return {}
