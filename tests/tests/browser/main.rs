//! The product as people meet it: the shipped binary, real files, and a real browser.

mod again;
mod approve;
mod broken;
mod browser;
mod down;
mod driver;
mod ended;
mod gallery;
mod hostile;
mod house;
mod judged;
mod killed;
mod plain;
mod race;
mod tool;
