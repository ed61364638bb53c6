import { call } from "../common/api.js"

const pollInterval = 3000 // ms
const page = document.getElementById("directory")

function show(element, text) {
  if (element && text !== undefined && element.textContent !== text) element.textContent = text
}

// watch keeps the figures up to date while lists are read. When more changes than
// figures, the page is loaded again.
async function watch() {
  for (;;) {
    await new Promise(resume => setTimeout(resume, pollInterval))
    if (document.hidden) continue
    try {
      const answer = await call("GET", "/api/directory")
      if (answer.stamp !== page.dataset.stamp) return location.reload()
      for (const element of page.querySelectorAll("[data-figure]")) show(element, answer.figures[element.dataset.figure])
      for (const element of page.querySelectorAll("[data-list]")) show(element, answer.lists[element.dataset.list])
    } catch (refusal) {
      if (refusal.status === 401) return location.reload()
    }
  }
}

if ("watch" in page.dataset) watch()
