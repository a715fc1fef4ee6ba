@resilience @pci-6.2.4 @cwe-755 @asvs-V16.5.3
Feature: After an outage the shop catches up by itself

  Machines stop, databases move, deployments go wrong on a Friday. What counts is that afterwards every payment is there,
  once, without anybody retyping it.

  @high @defect-L03 @defect-W28 @simulator-only @launched
  Scenario: The shop was down while it was paid, and the provider delivers again
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When the shop goes down
    And the shopper pays at the provider with a Visa card
    And the shop comes back
    And 2 days pass
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-L03 @simulator-only @launched
  Scenario: The shop was down for too long, and reconciliation finds what it missed
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When the shop goes down
    And the shopper pays at the provider with a Visa card
    And the provider gives up delivering
    And the shop comes back
    And the operator reconciles with the provider
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-W22 @defect-W39 @launched
  Scenario: No worker runs for a while, and nothing is lost
    Given the worker is stopped
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the worker starts again
    Then the order is paid
    And the order is fulfilled once

  @high @defect-W18 @defect-W39 @launched
  Scenario: Several workers share the work and do it once
    Given 2 more workers run
    When 6 shoppers pay 49.99 EUR at once and every event arrives twice, shuffled
    Then every order is paid
    And every order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-R13 @defect-P06 @launched
  Scenario: Without its database the shop says so, and recovers
    Given a shopper with an unpaid order of 49.99 EUR
    When the database goes away
    And the shopper looks at the order
    Then the answer shows no insides of the shop
    When the database comes back
    And the shopper pays with a Visa card
    Then the order is paid
    And the order is fulfilled once
