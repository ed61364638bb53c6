// The link's secret stands behind the #, which browsers send to nobody. It goes
// into the form from here, and out of the address and the history.
const form = document.getElementById("sign-in")
const field = document.getElementById("secret")

function take() {
  const secret = location.hash.slice(1)
  if (!secret) return
  history.replaceState(null, "", location.pathname)
  field.value = secret
  field.type = "hidden"
  document.getElementById("by-hand").hidden = true
  form.querySelector("button").focus()
}

take()
addEventListener("hashchange", take) // a link opened where this page is open already
form.addEventListener("submit", () => { form.querySelector("button").disabled = true })
// A page that is come back to is not in the middle of anything.
addEventListener("pageshow", () => { form.querySelector("button").disabled = false })
