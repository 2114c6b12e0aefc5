// The undo of what was just done stands beside what is said of it, and is offered once, not with every visit of the address.

const address = new URL(location.href);
if (address.searchParams.has("changed")) {
  address.searchParams.delete("changed");
  history.replaceState(null, "", address);
}

const undo = document.getElementById("undo");
if (undo) document.querySelector("#said .note")?.append(undo);
