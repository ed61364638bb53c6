import { ago, onClock } from "../ago.js"
import { check } from "../../popup/test/check.js"

const now = new Date(2026, 10, 22, 12, 0, 30)
const before = seconds => new Date(now - seconds * 1000)

for (const [seconds, want] of [
  [0, "just now"], [-3600, "just now"], [59, "just now"], [60, "1 minute ago"], [119 * 60, "1 hour ago"],
  [14 * 3600, "14 hours ago"], [49 * 3600, "2 days ago"], [1204 * 86400, "1,204 days ago"],
]) check(`${seconds} s`, ago(before(seconds), now), want)

check("today, no day is named", /22|2026/.test(onClock(before(60), now)), false)
check("yesterday, the day is", /21/.test(onClock(before(86400), now)), true)
