import { reconnectDelay } from "../net/reconnect-delay.js"
import { check } from "./check.js"

const low = () => 0, high = () => 0.999999

check("too slow for the server: at once", reconnectDelay(4001, 0, high), 0)
check("too slow again: not in a hot loop", reconnectDelay(4001, 1, low), 500)
check("restart: at once", reconnectDelay(1012, 0, low), 0)
check("restart: within ten seconds", reconnectDelay(1012, 0, high), 10_000)
check("first try", [reconnectDelay(1006, 0, low), reconnectDelay(1006, 0, high)], [500, 1000])
check("third try", [reconnectDelay(1006, 2, low), reconnectDelay(1006, 2, high)], [500, 4000])
check("at most thirty seconds", reconnectDelay(1006, 99, high), 30_000)
