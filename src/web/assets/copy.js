/** Buttons that copy the text beside them. Without this file they stay hidden. */
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const code = button.parentElement.querySelector('code')
    const copied = await copy(code)
    button.textContent = copied ? 'Copied' : 'Press Ctrl+C'
    button.classList.toggle('done', copied)
    setTimeout(() => {
      button.textContent = 'Copy'
      button.classList.remove('done')
    }, 2000)
  })
}

/** Browsers offer the clipboard on https and on this machine only; elsewhere the text is selected, and copied if they let us. */
async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent)
    return true
  } catch {
    getSelection().selectAllChildren(code)
    return document.execCommand('copy')
  }
}
