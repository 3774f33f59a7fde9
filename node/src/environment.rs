//! Options from the environment: an empty variable is one that is not there, and an error names the
//! variable that a value came from.

use std::ffi::OsStr;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error, Parser};

/// What the command line and the environment say.
///
/// # Errors
///
/// They cannot be understood, or help is asked for.
pub fn parse<T: Parser>() -> Result<T, Error> {
    let arguments: Vec<_> = std::env::args_os().collect();
    let mut command = without_empty(T::command());
    let given = command.try_get_matches_from_mut(&arguments);
    let parsed = given.and_then(|mut matches| T::from_arg_matches_mut(&mut matches));
    parsed.map_err(|error| {
        // As it is where no variable is left out.
        let mut whole = T::command();
        whole.build();
        naming_variables(error.format(&mut command), &whole, &arguments)
    })
}

/// Compose passes a variable that it does not know as an empty one.
fn without_empty(command: Command) -> Command {
    let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let command = command.mut_args(|arg| {
        if arg.get_env().is_some_and(is_empty) { arg.env(Resettable::Reset) } else { arg }
    });
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, without_empty))
}

/// Says which variables an error is about.
fn naming_variables(error: Error, command: &Command, arguments: &[std::ffi::OsString]) -> Error {
    let about: Vec<String> = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(arg)) => vec![arg.clone()],
        Some(ContextValue::Strings(args)) => args.clone(),
        Some(_) | None => return error,
    };
    let missing = match error.kind() {
        ErrorKind::MissingRequiredArgument => true,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => false,
        _ => return error,
    };
    let asked = arguments.get(1).and_then(|name| name.to_str());
    let Some(command) = asked.and_then(|name| command.find_subcommand(name)) else { return error };
    let on_the_line = |arg: &Arg| {
        let option = arg.get_long().map(|long| format!("--{long}"));
        arguments.iter().filter_map(|given| given.to_str()).any(|given| {
            option.as_ref().is_some_and(|option| given.split('=').next() == Some(option))
        })
    };
    let args = command.get_arguments().filter(|arg| about.contains(&arg.to_string()));
    let variables: Vec<&str> = args
        .filter(|arg| missing || !on_the_line(arg))
        .filter_map(|arg| arg.get_env()?.to_str())
        .collect();
    if variables.is_empty() {
        return error;
    }
    let variables = variables.join(", ");
    let told = if missing {
        format!("The environment can give them as {variables}.")
    } else {
        format!("The value came from the variable {variables} of the environment.")
    };
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    Error::raw(error.kind(), format!("{}\n\n{told}\n", text.trim_end()))
}
