import { pause } from "../pause.js"
import { check } from "./check.js"

const never = () => 0, always = () => 0.999999

check("fell behind: at once", pause(4001, 0, always), 0)
check("fell behind again: not in a hot loop", pause(4001, 1, never), 500)
check("restart: soon", pause(1012, 0, never), 0)
check("restart: within ten seconds", pause(1012, 0, always), 10_000)
check("first", [pause(1006, 0, never), pause(1006, 0, always)], [500, 1000])
check("third", [pause(1006, 2, never), pause(1006, 2, always)], [500, 4000])
check("never more than thirty seconds", pause(1006, 99, always), 30_000)
