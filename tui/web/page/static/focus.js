// Keys go to the review at once, without a click first, and again when the reader comes back to the page.
const field = () => document.querySelector(".xterm-helper-textarea");
const seeking = setInterval(() => {
  if (field()) {
    clearInterval(seeking);
    field().focus();
  }
}, 50);
window.addEventListener("focus", () => field()?.focus());
