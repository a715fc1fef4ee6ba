@payments @pci-6.2.4 @cwe-841 @cwe-345 @asvs-V2.3.1 @wstg-BUSL-06
Feature: A payment link is paid when a payment says so

  The order behind a payment link stays open after it was paid, and the buyer is usually back in the shop before the news
  is. Neither the order's state nor the way back says anything about money.

  @critical @defect-F02
  Scenario: The order of a link stays open, and is paid all the same
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    Then the order is paid
    And the order is fulfilled once
    And the provider has 49.99 EUR captured
    And the books balance and agree with the provider

  @high @defect-W24 @defect-W20
  Scenario: Who is back before the news has paid
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the shopper comes back to the shop
    Then the order is paid
    When the held events arrive
    Then the order stays paid
    And the order is fulfilled once

  @high @defect-F09
  Scenario: Who comes back without having paid has not paid
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay on the provider's page
    When the shopper comes back to the shop
    Then the order stays unpaid
    And nothing is fulfilled

  @critical @defect-R10 @defect-M09
  Scenario: A link that was paid is not taken back for another way to pay
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the shopper pays with a Mastercard
    And the held events arrive
    Then the order is paid
    And the order is fulfilled once
    And the provider has 49.99 EUR captured

  @high @defect-M09
  Scenario: A link that was taken back cannot be paid
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay on the provider's page
    When the shopper cancels the order
    And the shopper pays at the provider with a Visa card
    Then the order stays cancelled
    And the provider has 0.00 EUR captured

  @high @defect-W33 @defect-W27
  Scenario: News of the order, which says nothing of money, comes first
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the "order updated" event arrives
    Then the event is acknowledged
    When the held events arrive
    Then the order is paid
    And the order is fulfilled once

  @critical @defect-L03 @simulator-only
  Scenario: A link whose payment nobody told of is found by reconciliation
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And every held event is lost
    Then the order stays unpaid
    When the operator reconciles with the provider
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider
